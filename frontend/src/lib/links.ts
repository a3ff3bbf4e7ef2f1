// Addresses on the timeline, for the screens that lead to it. How it reads them is in
// features/timeline/place.ts.

/** The timeline with a query in its box. */
export function timelineWith(query: string): string {
  // Colons and slashes may stand there as they are: links stay readable.
  const text = encodeURIComponent(query).replace(/%3A/g, ':').replace(/%2F/g, '/');
  return text === '' ? '/timeline' : `/timeline?q=${text}`;
}

/** The timeline with the details of one activity open. */
export function activityAt(id: string): string {
  return `/timeline?sel=${encodeURIComponent(id)}`;
}
