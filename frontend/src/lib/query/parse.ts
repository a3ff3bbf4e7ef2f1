// The text of the query box as terms, for drawing chips, completing and editing.
// What a query means, and whether it is right, only Go says: this reads every text
// and never fails.

export const fields = [
  'actor',
  'type',
  'category',
  'site',
  'object',
  'ip',
  'result',
  'source',
  'batch',
  'after',
  'before',
  'on',
  'last',
] as const;
export type Field = (typeof fields)[number];

export interface Term {
  /** Places in the text, in UTF-16 units; the text from start to end is the term. */
  start: number;
  end: number;
  /** Where the value begins. */
  valueStart: number;
  negated: boolean;
  /** Null for a word. */
  field: Field | null;
  /** Without quotes. */
  value: string;
  quoted: boolean;
}

const aliases: Record<string, Field> = { user: 'actor' };

/** The field of a name in any case, null if it is none. */
export function fieldOf(name: string): Field | null {
  const lower = name.toLowerCase();
  return (fields as readonly string[]).includes(lower) ? (lower as Field) : (aliases[lower] ?? null);
}

/** Splits a text into its terms. */
export function parse(text: string): Term[] {
  const terms: Term[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] ?? '')) at++;
    if (at >= text.length) return terms;
    const start = at;
    const negated = text[at] === '-' && at + 1 < text.length && !/\s/.test(text[at + 1] ?? '');
    if (negated) at++;
    const name = /^[\p{L}_]+(?=:)/u.exec(text.slice(at))?.[0];
    const field = name === undefined ? null : fieldOf(name);
    if (field && name) at += name.length + 1;
    const valueStart = at;
    const quoted = text[at] === '"';
    let value = '';
    if (quoted) {
      const end = closing(text, at);
      value = text.slice(at + 1, end).replace(/\\(["\\])/g, '$1');
      at = end + 1;
    }
    const restFrom = at;
    while (at < text.length && !/\s/.test(text[at] ?? '')) at++;
    if (!quoted) value = text.slice(restFrom, at);
    at = Math.min(at, text.length);
    terms.push({ start, end: at, valueStart, negated, field, value, quoted });
  }
}

/** The place of the closing quotation mark, or the end of the text. */
function closing(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** A value as it stands in the text, quoted only where it must be. */
export function quote(value: string): string {
  if (value !== '' && !/\s/.test(value) && !value.startsWith('"')) return value;
  return `"${value.replace(/([\\"])/g, '\\$1')}"`;
}

/** A term as text. */
export function print(field: Field | null, value: string, negated = false): string {
  const sign = negated ? '-' : '';
  if (field) return `${sign}${field}:${quote(value)}`;
  const bare = /^[^\s"-]\S*$/.test(value) && !/^[\p{L}_]+:/u.test(value);
  return sign + (bare ? value : `"${value.replace(/([\\"])/g, '\\$1')}"`);
}
