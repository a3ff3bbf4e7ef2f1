/** What kind of thing something is; base.css has a colour for each as `tone-<name>`. */
export const tones = ['create', 'update', 'delete', 'access', 'system'] as const;
export type Tone = (typeof tones)[number];
