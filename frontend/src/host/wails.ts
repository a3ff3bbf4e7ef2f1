import type { Api, Handle, Job, Manifest, Op, Session, Ticket } from './api';
import { Fault, toFault } from './fault';
import type { Host, Picked, Serving, Topics } from './host';
import { Listeners } from './topics';

type Bound = Record<string, (...args: unknown[]) => Promise<unknown>>;

interface WailsWindow {
  go?: { main?: { App?: Bound } };
  runtime?: {
    EventsOn(name: string, on: (...data: unknown[]) => void): () => void;
    ResolveFilePaths(x: number, y: number, files: File[]): void;
  };
}

const live: (keyof Topics)[] = ['changed', 'jobs', 'drop', 'closing', 'serving', 'signedOut'];

/** The window: bound methods of App, events of the Wails runtime. The session stays in Go. */
export class WailsHost implements Host {
  readonly kind = 'window';
  readonly can = { folders: true, dropPaths: true, downloads: false, links: false, ownSession: true };
  private readonly listeners = new Listeners();

  constructor(
    private readonly page: WailsWindow &
      Pick<Window, 'addEventListener' | 'matchMedia' | 'requestAnimationFrame'> = window as never,
  ) {
    for (const topic of live) {
      this.page.runtime?.EventsOn(topic, (event) => this.listeners.tell(topic, event as never));
    }
    // Nothing is dragged inside the window: Wails would take the drop for one of files. And without
    // the other two WebKitGTK leaves the page for the dropped file.
    for (const name of ['dragstart', 'dragover', 'drop'] as const) {
      this.page.addEventListener(name, (event) => event.preventDefault());
    }
    // WebView2 gives the paths to Go only when asked; elsewhere this does nothing.
    this.page.addEventListener('drop', (event) => {
      const files = Array.from(event.dataTransfer?.files ?? []);
      if (files.length > 0) this.page.runtime?.ResolveFilePaths(event.x, event.y, files);
    });
  }

  async call<K extends Op>(op: K, input: Api[K]['in'], options: { signal?: AbortSignal } = {}): Promise<Api[K]['out']> {
    const result = await this.invoke(op.slice(0, 1).toUpperCase() + op.slice(1), [input], options.signal);
    return result as Api[K]['out'];
  }

  subscribe<T extends keyof Topics>(topic: T, on: (event: Topics[T]) => void): () => void {
    return this.listeners.add(topic, on);
  }

  keep(_session: Session | null): void {
    // The window's session lives in Go memory and renews itself.
  }

  async pick(kind: 'files' | 'folder'): Promise<Picked> {
    const found = (await this.invoke(kind === 'files' ? 'PickFiles' : 'PickFolder', [])) as Handle[] | null;
    return { handles: found ?? [], files: [] };
  }

  upload(_file: File): Promise<Handle> {
    return Promise.reject(new Fault('unavailable', 'Files come through the dialog or by dropping them on the window.'));
  }

  async save(ticket: Ticket): Promise<Job | null> {
    return (await this.invoke('SaveExport', [ticket.ticket, ticket.name])) as Job | null;
  }

  manifest(_ticket: Ticket): Promise<Manifest | null> {
    return Promise.resolve(null);
  }

  saveManifest(_manifest: Manifest): void {
    // It lies beside the file.
  }

  async saveViews(ids: readonly string[]): Promise<boolean> {
    return (await this.invoke('SaveViews', [ids])) as boolean;
  }

  openExternal(url: string): void {
    void this.invoke('OpenExternal', [url]).catch(() => undefined); // Go refuses what is neither http nor https
  }

  paint(theme: 'auto' | 'light' | 'dark'): void {
    const dark = theme === 'dark' || (theme === 'auto' && this.page.matchMedia('(prefers-color-scheme: dark)').matches);
    // Two frames later the page has been painted, which this tells the window too.
    const tell = (): void => void this.invoke('Theme', [theme, dark]).catch(() => undefined);
    this.page.requestAnimationFrame(() => this.page.requestAnimationFrame(tell));
  }

  async serving(): Promise<Serving | null> {
    return (await this.invoke('Serving', [])) as Serving;
  }

  leave(yes: boolean): void {
    void this.invoke('Leave', [yes]).catch(() => undefined); // the window's own cross still works
  }

  takeSetUpToken(): string {
    return '';
  }

  private async invoke(method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) throw new Fault('aborted', '');
    const bound = this.page.go?.main?.App?.[method];
    if (!bound) throw new Fault('internal', `The window has no ${method}.`);
    try {
      const result = await bound(...args);
      // Go is not told of a cancellation; its late answer is simply not used.
      if (signal?.aborted) throw new Fault('aborted', '');
      return result;
    } catch (cause) {
      const fault = toFault(cause);
      if (fault.code === 'unauthenticated' && method !== 'SignIn') this.listeners.tell('signedOut', null);
      throw fault;
    }
  }
}
