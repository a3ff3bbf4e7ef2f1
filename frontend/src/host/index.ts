import type { Host } from './host';
import { HttpHost } from './http';

export { Fault, toFault } from './fault';
export type { Can, Host, Picked, Serving, Topics } from './host';
export type * from './api';

let picked: Host | undefined;

/** Picks the host once, before anything is mounted. */
export async function pickHost(): Promise<Host> {
  // A browser has no use for the window's.
  if ('go' in window) picked = new (await import('./wails')).WailsHost();
  else if (import.meta.env.DEV && new URLSearchParams(location.search).get('host') === 'memory') {
    const { designHost } = await import('./design');
    picked = designHost(new URLSearchParams(location.search));
  } else picked = new HttpHost({ fetch: window.fetch.bind(window), storage: sessionStorage, now: Date.now });
  return picked;
}

/** The host. */
export function host(): Host {
  if (!picked) throw new Error('pickHost comes first');
  return picked;
}

/** Gives tests a host of their own. */
export function useHost(other: Host): void {
  picked = other;
}
