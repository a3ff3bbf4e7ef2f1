import { remove } from '../../lib/query/edit';
import { parse, type Term } from '../../lib/query/parse';

/** A way out of a query that nothing matches. */
export interface Way {
  /** What is left out. */
  term: string;
  /** The query then. */
  without: string;
}

const most = 6;

/** Leaves out each condition by itself, wherever it stands, and all dates where there are several. */
export function waysOut(query: string): Way[] {
  const terms = parse(query);
  const text = (term: Term): string => query.slice(term.start, term.end);
  const without = (gone: readonly Term[]): string => gone.reduceRight((left, term) => remove(left, term), query);
  const ways = [...new Set(terms.map(text))].map((term) => ({
    term,
    without: without(terms.filter((one) => text(one) === term)),
  }));
  const dates = terms.filter((term) => ['after', 'before', 'on', 'last'].includes(term.field ?? ''));
  if (dates.length > 1) ways.push({ term: dates.map(text).join(' '), without: without(dates) });
  // Nothing left is what "show all" stands for.
  return ways.filter((way) => way.without !== '').slice(0, most);
}
