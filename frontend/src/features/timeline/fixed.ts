import { remove } from '../../lib/query/edit';
import { parse } from '../../lib/query/parse';

/** The question of a text, with what is always asked: that comes last, so that places in errors stay right. */
export function withFixed(text: string, fixed: string): string {
  if (!fixed) return text;
  // Conditions on the same field are alternatives: they would let others' activity in.
  let own = text;
  for (const term of parse(text).reverse()) if (term.field === 'actor' && !term.negated) own = remove(own, term);
  return `${own} ${fixed}`.trim();
}
