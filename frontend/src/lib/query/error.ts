/** Where a query is wrong: a message of Go begins with the column, counted in characters from 1. */
export interface QueryFault {
  text: string;
  /** UTF-16 place in the query, null if the message names none. */
  at: number | null;
}

/** Reads the place out of a message. */
export function place(query: string, message: string): QueryFault {
  const found = /^(?:Column|Spalte) (\d+): (.+)$/s.exec(message);
  if (!found) return { text: message, at: null };
  const characters = Array.from(query).slice(0, Number(found[1]) - 1);
  return { text: found[2] ?? message, at: characters.join('').length };
}
