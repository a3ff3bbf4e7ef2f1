// Addresses on the timeline, for the screens that lead to it. How it reads them is in
// features/timeline/place.ts.

/** The timeline with a query in its box. */
export function timelineWith(query: string): string {
  return query === '' ? '/timeline' : `/timeline?q=${encodeURIComponent(query)}`;
}

/** The timeline with the details of one activity open. */
export function activityAt(id: string): string {
  return `/timeline?sel=${encodeURIComponent(id)}`;
}
