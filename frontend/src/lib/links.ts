/** The address of the timeline with a query in its box. */
export function timelineWith(query: string): string {
  return query === '' ? '/timeline' : `/timeline?q=${encodeURIComponent(query)}`;
}
