// What is looked at stands in the address: #/timeline?q=…&at=…&sel=…

export interface Place {
  query: string;
  /** Where the list stands, ms; null is the newest. */
  at: number | null;
  /** The activity whose details are open. */
  selected: string | null;
}

/** Reads the part of the address after the `#`. */
export function readPlace(hash: string): Place {
  const query = hash.split('?').slice(1).join('?');
  const values = new URLSearchParams(query);
  const at = Date.parse(values.get('at') ?? '');
  const selected = values.get('sel');
  return {
    query: (values.get('q') ?? '').trim(),
    at: Number.isFinite(at) ? at : null,
    selected: selected !== null && /^\d{1,16}$/.test(selected) ? selected : null,
  };
}

/** The part after the `#` of a link to a timeline, from any host of this program; null where a text is something else. */
export function placeLink(text: string): string | null {
  return /^[^\s#]*(#\/(?:timeline|mine)(?:\?\S*)?)$/.exec(text.trim())?.[1] ?? null;
}

/** The address of a place on a screen. */
export function writePlace(path: string, place: Place): string {
  const values = new URLSearchParams();
  if (place.query) values.set('q', place.query);
  if (place.at !== null) values.set('at', new Date(place.at).toISOString());
  if (place.selected !== null) values.set('sel', place.selected);
  // Colons and slashes may stand in a fragment as they are: links stay readable.
  const text = values.toString().replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%22/g, '"');
  return `#${path}${text ? `?${text}` : ''}`;
}
