import type { Thing } from '../../host';

/** An address that may be a link, null for any other text. */
export function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' ? text : null;
}

/** Where a site's object is found, null where its site says nothing of that or the object lacks what is asked for. */
export function objectAt(pattern: string, object: Thing): string | null {
  const base = webAddress(pattern.replaceAll(/[{}]/g, ''));
  if (base === null) return null;
  const values: Record<string, string> = { id: object.id, kind: object.kind, name: object.name };
  let whole = true;
  const text = pattern.replaceAll(/\{(id|kind|name)\}/g, (_, field: string) => {
    const value = values[field] ?? '';
    // What dots alone would make of the path is not the site's to say.
    if (value === '' || value === '.' || value === '..') whole = false;
    return encodeURIComponent(value);
  });
  const url = whole ? webAddress(text) : null;
  return url !== null && new URL(url).origin === new URL(base).origin ? url : null;
}
