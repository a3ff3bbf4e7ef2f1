/**
 * How well a text answers what was typed, higher is better, 0 not at all: the
 * start of the text, then the start of a word, then the inside of one, then
 * letters in order. Shorter texts win between equals.
 */
export function rank(typed: string, text: string): number {
  const wanted = fold(typed).trim();
  if (wanted === '') return 1;
  const given = fold(text);
  const short = 1 / (1 + given.length);
  if (given.startsWith(wanted)) return 5 + short;
  const words = wanted.split(/\s+/);
  if (words.every((word) => startsWord(given, word))) return 4 + short;
  if (words.every((word) => given.includes(word))) return 3 + short;
  let at = -1;
  let gaps = 0;
  for (const char of wanted.replace(/\s+/g, '')) {
    const next = given.indexOf(char, at + 1);
    if (next < 0) return 0;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return wanted.length > 1 ? 1 / (1 + gaps) : 0;
}

function startsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return true;
  }
  return false;
}

/** Lower case without accents, for comparing. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
