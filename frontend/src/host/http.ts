import type { Api, Handle, Job, Manifest, Op, Session, Ticket } from './api';
import { Fault, toFault } from './fault';
import type { Host, Picked, Topics } from './host';
import { Stream } from './stream';
import { Listeners } from './topics';

const kept = 'activitylog.session';
const renewBefore = 60_000;

interface Token {
  token: string;
  expiresAt: number;
}

/** What the browser host uses of its page; a test gives its own. */
export interface Page {
  fetch: typeof fetch;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  now: () => number;
}

/** A browser: JSON over HTTP with a bearer token kept in memory and sessionStorage. */
export class HttpHost implements Host {
  readonly kind = 'browser';
  readonly can = { folders: false, dropPaths: false, downloads: true, links: true, ownSession: false };
  private token: Token | null = null;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private renewing: Promise<void> | undefined;
  private readonly stream: Stream;
  private readonly listeners: Listeners;

  constructor(private readonly page: Page) {
    this.listeners = new Listeners(
      (topic) => this.stream.start(topic),
      (topic) => this.stream.stop(topic),
    );
    this.stream = new Stream({
      signedIn: () => this.token !== null,
      open: (since, signal) => this.follow(since, signal),
      changed: (revision) => this.listeners.tell('changed', { revision }),
      work: (jobs) => this.listeners.tell('jobs', jobs),
    });
    this.restore();
  }

  async call<K extends Op>(op: K, input: Api[K]['in'], options: { signal?: AbortSignal } = {}): Promise<Api[K]['out']> {
    if (op !== 'renew') await this.renewing;
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    const init: RequestInit = { method: 'POST', headers, body: JSON.stringify(input) };
    if (options.signal) init.signal = options.signal;
    const answer = await this.send(op, `/api/v1/${op}`, init);
    return (await answer.json()) as Api[K]['out'];
  }

  private follow(since: string, signal: AbortSignal): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' };
    return this.send('status', '/api/v1/live', { method: 'POST', headers, body: JSON.stringify({ since }), signal });
  }

  subscribe<T extends keyof Topics>(topic: T, on: (event: Topics[T]) => void): () => void {
    return this.listeners.add(topic, on);
  }

  keep(session: Session | null): void {
    this.hold(session && session.token ? { token: session.token, expiresAt: session.expiresAt } : null);
  }

  pick(kind: 'files' | 'folder'): Promise<Picked> {
    if (kind === 'folder') return Promise.resolve({ handles: [], files: [] });
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    return new Promise((resolve) => {
      const done = (): void => resolve({ handles: [], files: Array.from(input.files ?? []) });
      input.addEventListener('cancel', done);
      input.addEventListener('change', done);
      input.click();
    });
  }

  async upload(file: File): Promise<Handle> {
    const headers = { 'Content-Type': 'application/octet-stream', 'X-File-Name': encodeURIComponent(file.name) };
    const answer = await this.send('importPreview', '/api/v1/upload', { method: 'POST', headers, body: file });
    return (await answer.json()) as Handle;
  }

  save(ticket: Ticket): Promise<Job | null> {
    const anchor = document.createElement('a');
    anchor.href = `/api/v1/download/${encodeURIComponent(ticket.ticket)}`;
    anchor.download = ticket.name;
    anchor.click();
    return Promise.resolve(null);
  }

  async manifest(ticket: Ticket): Promise<Manifest | null> {
    const answer = await this.send('export', `/api/v1/download/${encodeURIComponent(ticket.manifest)}`, {});
    return (await answer.json()) as Manifest;
  }

  saveManifest(manifest: Manifest): void {
    this.download(`${manifest.file}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  }

  async saveViews(ids: readonly string[]): Promise<boolean> {
    const { name, content } = await this.call('exportViews', { ids: [...ids] });
    this.download(name, content);
    return true;
  }

  private download(name: string, content: string): void {
    const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may ask the person first
  }

  openExternal(url: string): void {
    window.open(url, '_blank', 'noopener,noreferrer');
  }

  paint(_theme: 'auto' | 'light' | 'dark'): void {
    // A browser follows the page's color-scheme.
  }

  serving(): Promise<null> {
    return Promise.resolve(null);
  }

  leave(_yes: boolean): void {
    // Nobody asked.
  }

  takeSetUpToken(): string {
    const found = /^#setup=([\w.~-]+)$/.exec(location.hash);
    if (!found) return '';
    history.replaceState(null, '', location.pathname + location.search + '#/');
    return found[1] ?? '';
  }

  private async send(op: Op, path: string, init: RequestInit): Promise<Response> {
    const used = this.token;
    const headers = { ...(init.headers as Record<string, string>) };
    if (used) headers['Authorization'] = `Bearer ${used.token}`;
    let answer: Response;
    try {
      answer = await this.page.fetch(path, { ...init, headers, credentials: 'omit', redirect: 'error' });
    } catch (cause) {
      const fault = toFault(cause);
      if (fault.code === 'aborted') throw fault;
      this.listeners.tell('connection', false);
      throw new Fault('offline', '');
    }
    this.listeners.tell('connection', true);
    if (answer.ok) return answer;
    const fault = await faultOf(answer);
    if (fault.code === 'unauthenticated' && op !== 'signIn' && used && used === this.token) {
      this.hold(null);
      this.listeners.tell('signedOut', null);
    }
    throw fault;
  }

  private restore(): void {
    try {
      const found = JSON.parse(this.page.storage.getItem(kept) ?? 'null') as Token | null;
      if (found && found.expiresAt > this.page.now()) this.hold(found);
      else this.hold(null);
    } catch {
      this.hold(null);
    }
  }

  private hold(token: Token | null): void {
    const other = (token === null) !== (this.token === null);
    this.token = token;
    if (other) this.stream.anew();
    clearTimeout(this.renewal);
    if (!token) {
      this.page.storage.removeItem(kept);
      return;
    }
    this.page.storage.setItem(kept, JSON.stringify(token));
    const wait = Math.max(1_000, token.expiresAt - renewBefore - this.page.now());
    this.renewal = setTimeout(() => void this.renew(), Math.min(wait, 2_000_000_000));
  }

  private async renew(): Promise<void> {
    const before = this.token;
    this.renewing = this.call('renew', {}).then(
      (session) => {
        if (this.token === before) this.keep(session);
      },
      () => {
        // A refused session has already been dropped; an unreachable server is tried again.
        if (!this.token || this.token.expiresAt < this.page.now()) return;
        this.renewal = setTimeout(() => void this.renew(), 5_000);
      },
    );
    await this.renewing;
    this.renewing = undefined;
  }
}

const byStatus: Record<number, Fault['code']> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'denied',
  404: 'not_found',
  409: 'conflict',
  413: 'invalid',
  422: 'invalid',
  429: 'unavailable',
  503: 'unavailable',
};

/** Reads an error answer; one that is not JSON of ours goes by its status. */
export async function faultOf(answer: Response): Promise<Fault> {
  try {
    const fault = toFault((await answer.json()) as unknown);
    if (fault.message !== '' || fault.code !== 'internal') return fault;
  } catch {
    // Not JSON: a proxy, or a server that is going down.
  }
  return new Fault(byStatus[answer.status] ?? 'internal', '');
}
