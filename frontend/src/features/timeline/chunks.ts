// The loaded part of the log as pieces that can be let go of whole. A cursor says how to read on
// beyond an end of a piece; where nobody knows one, the list must not end there.
import type { Activity, Page } from '../../host';

export const pageSize = 120;
const most = 3_000;

export interface Chunk {
  items: readonly Activity[];
  /** Goes on behind the last item; null at the end of the log. */
  next: string | null;
  /** Goes on before the first item; null where the piece was cut out of a page. */
  previous: string | null;
}

export function chunkOf(page: Page): Chunk {
  return { items: page.items, next: page.next, previous: page.previous };
}

/**
 * Puts the newest page in front of pieces whose first rows it repeats behind `news` new
 * ones. The page takes the place of those rows, since only its cursors are known.
 */
export function withHead(page: Page, news: number, chunks: readonly Chunk[]): Chunk[] {
  let repeated = page.items.length - news;
  const rest: Chunk[] = [];
  for (const chunk of chunks) {
    if (repeated >= chunk.items.length) repeated -= chunk.items.length;
    else if (repeated === 0) rest.push(chunk);
    else {
      rest.push({ items: chunk.items.slice(repeated), next: chunk.next, previous: null });
      repeated = 0;
    }
  }
  const [first, second] = rest;
  const crumbs = first?.previous === null && second?.previous === null;
  if (crumbs && first.items.length + second.items.length <= pageSize) {
    rest.splice(0, 2, { items: [...first.items, ...second.items], next: second.next, previous: null });
  }
  return [chunkOf(page), ...rest];
}

/**
 * Lets go of whole pieces at the end farther from what is shown once there are more than
 * 3,000 rows; at least a page beyond the view stays. Null where nothing can go.
 */
export function trimmed(
  chunks: readonly Chunk[],
  firstShown: number,
  lastShown: number,
): { chunks: Chunk[]; fromStart: boolean } | null {
  let left = chunks.reduce((sum, chunk) => sum + chunk.items.length, 0);
  const below = left - 1 - lastShown;
  const fromStart = firstShown > below;
  let room = (fromStart ? firstShown : below) - pageSize;
  let gone = 0;
  for (let n = 1; n < chunks.length && left > most; n++) {
    const far = fromStart ? chunks[n - 1] : chunks[chunks.length - n];
    const end = fromStart ? chunks[n]?.previous : chunks[chunks.length - 1 - n]?.next;
    room -= far?.items.length ?? 0;
    if (room < 0) break;
    left -= far?.items.length ?? 0;
    if (end !== null) gone = n;
  }
  if (gone === 0) return null;
  return { chunks: fromStart ? chunks.slice(gone) : chunks.slice(0, -gone), fromStart };
}
