import { host, type Widget } from '../../host';
import { toOrigin } from './origins';

/** Where programs and other pages reach this log; the usual place while the page is not served from there. */
export function address(): string {
  return host().can.links ? location.origin : 'http://127.0.0.1:8765';
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
