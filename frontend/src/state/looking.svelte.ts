import type { Look } from '../lib/place';

/** What the timeline shows now: what a view is saved from. */
class Looking {
  /** Null while no timeline is on the screen. */
  now = $state.raw<(Look & { query: string }) | null>(null);
}

export const looking = new Looking();
