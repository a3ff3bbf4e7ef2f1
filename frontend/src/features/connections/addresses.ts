import { host, type Widget } from '../../host';
import { catalogue } from '../../state/catalogue.svelte';
import { live } from '../../state/live.svelte';
import { toOrigin } from './origins';

/** Where programs and other pages reach this log: where the page is served from, or where the window serves or would. */
export function address(): string {
  if (host().can.links) return location.origin;
  return (live.serving?.address || `http://127.0.0.1:${catalogue.settings?.port ?? 8765}`).replace(/\/$/, '');
}

/** The address of a feed that carries its token. */
export function feedAddress(base: string, form: 'atom' | 'json', query: string, secret: string): string {
  const parameters = new URLSearchParams();
  if (query.trim() !== '') parameters.set('q', query.trim());
  parameters.set('token', secret);
  return `${base}/feed.${form}?${parameters.toString()}`;
}

/** The lines that show a widget in another page. */
export function snippet(base: string, widget: Pick<Widget, 'id' | 'name'>, secret: string): string {
  return [
    `<iframe src="${base}/widget/${widget.id}#token=${secret}"`,
    `  title="${attribute(widget.name)}" width="100%" height="420" loading="lazy"`,
    '  referrerpolicy="no-referrer"></iframe>',
  ].join('\n');
}

function attribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** The origins a person typed, one a line; addresses of pages are cut to theirs. */
export function origins(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map(toOrigin);
}
