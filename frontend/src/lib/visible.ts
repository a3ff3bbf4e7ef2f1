// Control and direction characters in text from outside are drawn, never obeyed:
// a name must not turn the sentence around it or hide a part of itself.

export interface Piece {
  text: string;
  /** Stands for a character that has no picture of its own. */
  hidden: boolean;
  /** U+202E and the like. */
  name: string;
}

// Controls, soft hyphen, Arabic letter mark, zero width, direction, line and
// paragraph separators, invisible operators, byte order mark, tags.
/* eslint-disable no-control-regex -- these are what is looked for */
const risky =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;
/* eslint-enable no-control-regex */
const each = new RegExp(risky.source, 'gu');

const short: Record<number, string> = { 9: '⇥', 10: '↵', 13: '␍' };

/** Splits a text into what can be shown as it is and what must be named. */
export function pieces(text: string): Piece[] {
  if (!risky.test(text)) return [{ text, hidden: false, name: '' }];
  const list: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(each)) {
    if (match.index > at) list.push({ text: text.slice(at, match.index), hidden: false, name: '' });
    const code = match[0].codePointAt(0) ?? 0;
    const name = 'U+' + code.toString(16).toUpperCase().padStart(4, '0');
    list.push({ text: short[code] ?? picture(code) ?? name, hidden: true, name });
    at = match.index + match[0].length;
  }
  if (at < text.length) list.push({ text: text.slice(at), hidden: false, name: '' });
  return list;
}

/** The text with pictures in the place of risky characters, for titles and labels. */
export function plain(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join('');
}

function picture(code: number): string | undefined {
  if (code < 32) return String.fromCodePoint(0x2400 + code);
  return code === 127 ? '␡' : undefined;
}
