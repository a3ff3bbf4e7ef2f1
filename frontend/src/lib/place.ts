// What is looked at stands in the address: #/timeline?q=…&at=…&sel=…&order=…&cols=…&rows=…&view=…

/** How a list of activities is shown. */
export interface Look {
  /** Oldest first. */
  oldest: boolean;
  /** Beside the sentence; null is the reader's own choice. */
  columns: readonly string[] | null;
  /** compact, comfortable, airy; '' is the reader's own. */
  density: string;
  /** The view that was opened, also where its query was changed since; null without. */
  view: string | null;
}

export const plain: Look = { oldest: false, columns: null, density: '', view: null };

export interface Place extends Look {
  query: string;
  /** Where the list stands, ms; null is the newest. */
  at: number | null;
  /** The activity whose details are open. */
  selected: string | null;
}

function id(text: string | null): string | null {
  return text !== null && /^\d{1,16}$/.test(text) ? text : null;
}

/** Reads the part of the address after the `#`. */
export function readPlace(hash: string): Place {
  const query = hash.split('?').slice(1).join('?');
  const values = new URLSearchParams(query);
  const at = Date.parse(values.get('at') ?? '');
  const selected = values.get('sel');
  const columns = values.get('cols');
  return {
    query: (values.get('q') ?? '').trim(),
    at: Number.isFinite(at) ? at : null,
    selected: id(selected),
    oldest: values.get('order') === 'oldest',
    columns: columns === null ? null : columns.split(',').filter((name) => name !== ''),
    density: /^(compact|comfortable|airy)$/.exec(values.get('rows') ?? '')?.[0] ?? '',
    view: id(values.get('view')),
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
  if (place.oldest) values.set('order', 'oldest');
  if (place.columns) values.set('cols', place.columns.join(','));
  if (place.density) values.set('rows', place.density);
  if (place.view !== null) values.set('view', place.view);
  // Colons and slashes may stand in a fragment as they are: links stay readable.
  const text = values.toString().replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%22/g, '"').replace(/%2C/g, ',');
  return `#${path}${text ? `?${text}` : ''}`;
}
