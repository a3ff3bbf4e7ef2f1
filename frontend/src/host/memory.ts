import { Fault } from './fault';
import type { Activity, Api, Handle, Job, Manifest, Op, Session, Ticket } from './api';
import type { Can, Host, Picked, Topics } from './host';
import { Listeners } from './topics';

/** Activities in the order of time, oldest first; `at` may make them when asked. */
export interface Log {
  size: number;
  at(index: number): Activity;
  /** Null where everything matches; throws a Fault for a query that is wrong. */
  matcher(query: string): ((activity: Activity) => boolean) | null;
}

/** A log in which nothing happened. */
export const nothing: Log = {
  size: 0,
  at: () => {
    throw new Error('there is none');
  },
  matcher: () => null,
};

type Answer<K extends Op> = (input: Api[K]['in']) => Api[K]['out'] | Promise<Api[K]['out']>;
export type Answers = { [K in Op]?: Answer<K> };

/** A host over arrays: for unit tests, and for design work where it answers the other operations too. */
export class MemoryHost implements Host {
  readonly kind = 'memory';
  readonly can: Can = { folders: true, dropPaths: false, downloads: true, links: true, ownSession: true };
  readonly listeners = new Listeners();
  /** Calls so far, for tests. */
  readonly calls: { op: Op; input: unknown }[] = [];
  /** Who waits for a manifest, by its ticket. */
  readonly manifests = new Map<string, (manifest: Manifest) => void>();

  constructor(
    readonly log: Log,
    readonly answers: Answers = {},
    /** Milliseconds an answer takes. */
    private readonly lag = 0,
  ) {}

  async call<K extends Op>(op: K, input: Api[K]['in'], options: { signal?: AbortSignal } = {}): Promise<Api[K]['out']> {
    this.calls.push({ op, input });
    if (this.lag > 0) await new Promise((resolve) => setTimeout(resolve, this.lag));
    else await Promise.resolve();
    if (options.signal?.aborted) throw new Fault('aborted', '');
    const own = this.answers[op] as Answer<K> | undefined;
    if (own) return own(input);
    const read = this.read(op, input);
    if (read === undefined) throw new Fault('not_found', `Nothing answers ${op} here.`);
    return read as Api[K]['out'];
  }

  subscribe<T extends keyof Topics>(topic: T, on: (event: Topics[T]) => void): () => void {
    return this.listeners.add(topic, on);
  }

  keep(_session: Session | null): void {
    // Nothing outlives the page.
  }

  pick(_kind: 'files' | 'folder'): Promise<Picked> {
    return Promise.resolve({ handles: [], files: [] });
  }

  upload(file: File): Promise<Handle> {
    return Promise.resolve({ id: file.name, name: file.name, size: file.size, folder: false });
  }

  save(_ticket: Ticket): Promise<Job | null> {
    return Promise.resolve(null);
  }

  manifest(ticket: Ticket): Promise<Manifest | null> {
    return new Promise((resolve) => this.manifests.set(ticket.manifest, resolve));
  }

  saveManifest(_manifest: Manifest): void {
    // There are no files.
  }

  saveViews(_ids: readonly string[]): Promise<boolean> {
    return Promise.resolve(false);
  }

  openExternal(_url: string): void {
    // There is no outside.
  }

  paint(_theme: 'auto' | 'light' | 'dark'): void {
    // All there is is drawn by the page.
  }

  serving(): Promise<null> {
    return Promise.resolve(null);
  }

  leave(_yes: boolean): void {
    // Nobody asked.
  }

  takeSetUpToken(): string {
    return '';
  }

  private read(op: Op, input: unknown): unknown {
    switch (op) {
      case 'list':
        return this.list(input as Api['list']['in']);
      case 'count':
        return this.count(input as Api['count']['in']);
      case 'histogram':
        return this.histogram(input as Api['histogram']['in']);
      case 'get':
        return this.get((input as Api['get']['in']).id);
      default:
        return undefined;
    }
  }

  private list({ query, at, cursor, limit, order }: Api['list']['in']): Api['list']['out'] {
    const match = this.log.matcher(query);
    const want = limit || 50;
    if (order === 'oldest') return this.oldest(match, want);
    const items: Activity[] = [];
    const places: number[] = [];
    const backward = cursor.startsWith('p');
    let index = cursor ? Number(cursor.slice(1)) : at === null ? this.log.size : this.after(at);
    const step = backward ? 1 : -1;
    for (index += step; index >= 0 && index < this.log.size && items.length < want; index += step) {
      const activity = this.log.at(index);
      if (match && !match(activity)) continue;
      items.push(activity);
      places.push(index);
    }
    if (backward) {
      items.reverse();
      places.reverse();
    }
    const oldest = places.at(-1);
    const more = backward || this.any(match, (oldest ?? 0) - 1);
    return {
      items,
      next: oldest !== undefined && more ? `n${oldest}` : null,
      previous: places[0] === undefined ? null : `p${places[0]}`,
    };
  }

  /** The first page from the other end; nothing needs more of that order. */
  private oldest(match: ((activity: Activity) => boolean) | null, want: number): Api['list']['out'] {
    const items: Activity[] = [];
    for (let i = 0; i < this.log.size && items.length < want; i++) {
      const activity = this.log.at(i);
      if (!match || match(activity)) items.push(activity);
    }
    return { items, next: null, previous: null };
  }

  private any(match: ((activity: Activity) => boolean) | null, from: number): boolean {
    if (!match) return from >= 0;
    for (let i = from; i >= 0; i--) if (match(this.log.at(i))) return true;
    return false;
  }

  /** The first index whose activity is later than the time. */
  private after(at: number): number {
    let low = 0;
    let high = this.log.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.log.at(middle).occurredAt <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private count({ query, exact }: Api['count']['in']): Api['count']['out'] {
    const match = this.log.matcher(query);
    if (!match) return { n: this.log.size, exact: true };
    let n = 0;
    for (let i = this.log.size - 1; i >= 0; i--) {
      if (match(this.log.at(i))) n++;
      if (!exact && n === 10_000) return { n, exact: i === 0 };
    }
    return { n, exact: true };
  }

  private histogram({ query, buckets }: Api['histogram']['in']): Api['histogram']['out'] {
    if (this.log.size === 0) return { from: 0, to: 0, width: 0, buckets: [], exact: true };
    const from = this.log.at(0).occurredAt;
    const to = this.log.at(this.log.size - 1).occurredAt;
    if (this.log.matcher(query)) return { from, to, width: 0, buckets: [], exact: false };
    const width = Math.max(900_000, Math.ceil((to - from + 1) / (buckets || 512)));
    const list: { at: number; n: number }[] = [];
    for (let start = from; start <= to; start += width) {
      const n = this.after(start + width - 1) - this.after(start - 1);
      if (n > 0) list.push({ at: start, n });
    }
    return { from, to, width, buckets: list, exact: true };
  }

  private get(id: string): Api['get']['out'] {
    const activity = this.log.at(Number(id) - 1);
    if (!(Number(id) >= 1 && Number(id) <= this.log.size)) throw new Fault('not_found', 'There is no such activity.');
    return {
      activity,
      raw: null,
      batch: null,
      ledger: {
        entry: String(Number(id) - 1),
        size: String(this.log.size),
        commitment: '9c1e'.padEnd(64, '0'),
        leaf: 'q83vEjRWeJA='.padStart(44, 'A'),
        sealed: true,
      },
    };
  }
}
