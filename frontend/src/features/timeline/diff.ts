import { diffWordsWithSpace } from 'diff';

export interface Run {
  text: string;
  kind: 'same' | 'old' | 'new';
}

/** A value of a change as text; null stands for none. */
export function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value, null, 1);
}

/**
 * What differs between two texts, by words. Null where most of it does, or where the
 * texts are long: then they are better shown whole, one after the other.
 */
export function wordDiff(before: string | null, after: string | null): Run[] | null {
  if (before === null || after === null || before.length + after.length > 4_000) return null;
  if (!/\s/.test(before.trim()) || !/\s/.test(after.trim())) return null;
  const runs = diffWordsWithSpace(before, after).map((part): Run => ({
    text: part.value,
    kind: part.added ? 'new' : part.removed ? 'old' : 'same',
  }));
  const same = runs.filter((run) => run.kind === 'same').reduce((sum, run) => sum + run.text.trim().length, 0);
  return same * 3 >= Math.max(before.length, after.length) ? runs : null;
}
