import { parse, print, type Field, type Term } from './parse';

/** One condition, as something on the screen offers it. */
export interface Condition {
  field: Field;
  value: string;
}

const dates: readonly (Field | null)[] = ['after', 'before', 'on', 'last'];

function same(term: Term, condition: Condition): boolean {
  return term.field === condition.field && term.value.toLowerCase() === condition.value.toLowerCase();
}

/** Whether the text has the condition, as it is or excluded. */
export function has(text: string, condition: Condition, negated = false): boolean {
  return parse(text).some((term) => same(term, condition) && term.negated === negated);
}

/** Cuts a term out, with the space that goes with it. */
export function remove(text: string, term: Pick<Term, 'start' | 'end'>): string {
  const before = text.slice(0, term.start).trimEnd();
  const after = text.slice(term.end).trimStart();
  return before && after ? `${before} ${after}` : before + after;
}

/**
 * Adds a condition. Its opposite goes; so do the positive conditions on the same
 * field when `only` is asked for, since two of them are alternatives. A date takes
 * the place of the dates it contradicts.
 */
export function add(text: string, condition: Condition, negated = false): string {
  if (has(text, condition, negated)) return text;
  let result = text;
  for (const term of parse(text).reverse()) {
    const opposite = same(term, condition) && term.negated !== negated;
    const narrower = !negated && term.field === condition.field && !term.negated;
    const date = dates.includes(condition.field) && term.field === condition.field;
    if (opposite || narrower || date) result = remove(result, term);
  }
  return join(result, print(condition.field, condition.value, negated));
}

/** Adds the condition, or takes it out where it already stands. */
export function toggle(text: string, condition: Condition, negated = false): string {
  const found = parse(text).find((term) => same(term, condition) && term.negated === negated);
  return found ? remove(text, found) : join(text, print(condition.field, condition.value, negated));
}

/** Takes every form of the condition out. */
export function drop(text: string, condition: Condition): string {
  let result = text;
  for (const term of parse(text).reverse()) if (same(term, condition)) result = remove(result, term);
  return result;
}

/** Adds ready-made text, such as a sentence part's filter, without repeating it. */
export function addText(text: string, term: string): string {
  const parsed = parse(term)[0];
  if (parsed?.field) return add(text, { field: parsed.field, value: parsed.value }, parsed.negated);
  return parse(text).some((one) => text.slice(one.start, one.end) === term) ? text : join(text, term);
}

function join(text: string, term: string): string {
  const before = text.trim();
  return before ? `${before} ${term}` : term;
}

/** Puts something in the place of a part of the text; the caret goes behind it. */
export function replace(text: string, start: number, end: number, insert: string): { text: string; caret: number } {
  const after = text.slice(end).replace(/^\s+/, '');
  const filler = insert.endsWith(':') ? '' : ' ';
  return { text: text.slice(0, start) + insert + filler + after, caret: start + insert.length + filler.length };
}
