/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name
    .normalize('NFC')
    .replace(/[@].*$/, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const first = firstLetter(words[0] ?? '');
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase() || '?';
}

function firstLetter(word: string): string {
  return Array.from(word)[0] ?? '';
}

/** A hue in degrees that belongs to a name, the same everywhere. */
export function hue(name: string): number {
  let hash = 2166136261;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % 360;
}
