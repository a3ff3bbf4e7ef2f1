import { host, toFault, type Api, type Fault, type RemovedSite, type Site, type User } from '../../host';
import { fold } from '../../lib/rank';

export type Level = 'none' | 'view' | 'write' | 'admin';
export const levels: readonly Level[] = ['none', 'view', 'write', 'admin'];
export const kinds = ['website', 'mobileapp', 'intranet', 'server', 'other'] as const;

/** This log itself: it stays. */
export const thisLog = '1';

/** Whether the reader may change a site. */
export function mayChange(site: Site): boolean {
  return site.level === 'admin' || site.level === 'super';
}

/** The sites whose name, address or description contains every word typed. */
export function matching(sites: readonly Site[], typed: string): readonly Site[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return sites;
  return sites.filter((site) => {
    const text = fold([site.name, site.settings.description, ...site.addresses].join('\n'));
    return words.every((word) => text.includes(word));
  });
}

/** The lines of a text that say something. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A user's level on a site. */
export function levelOn(user: User, site: string): Level {
  const level = user.access.find((access) => access.site === site)?.level as Level | undefined;
  return level && levels.includes(level) ? level : 'none';
}

/** The sites the reader has access to, and what is done to them. */
export class Sites {
  list = $state.raw<readonly Site[] | null>(null);
  seen = $state.raw<readonly string[]>([]);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  /** Reads all sites. An answer from before a later call or change is not taken. */
  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { sites, seen } = await host().call('sites', {});
      if (turn !== this.turn) return;
      this.list = sites;
      this.seen = seen;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  find(id: string): Site | undefined {
    return this.list?.find((site) => site.id === id);
  }

  async create(input: Api['createSite']['in']): Promise<Site> {
    const made = await host().call('createSite', input);
    this.put((list) => [...list.filter((site) => site.id !== made.id), made]);
    this.seen = this.seen.filter((name) => name !== made.name);
    return made;
  }

  async change(id: string, change: Partial<Omit<Api['changeSite']['in'], 'id'>>): Promise<void> {
    const none = { name: null, kind: null, zone: null, addresses: null };
    this.take(await host().call('changeSite', { id, ...none, ...change }));
  }

  async configure(id: string, change: Partial<Omit<Api['configureSite']['in'], 'id'>>): Promise<void> {
    const none = { description: null, objectLink: null, offered: null };
    this.take(await host().call('configureSite', { id, ...none, ...change }));
  }

  /** What would go with a site. */
  async weigh(id: string): Promise<RemovedSite> {
    return host().call('removeSite', { id, try: true });
  }

  async remove(id: string): Promise<void> {
    await host().call('removeSite', { id, try: false });
    this.put((list) => list.filter((site) => site.id !== id));
  }

  private take(changed: Site): void {
    // The number of people is not the change's to say.
    this.put((list) =>
      list.map((site) => (site.id === changed.id ? { ...changed, people: changed.people ?? site.people } : site)),
    );
  }

  private put(change: (list: readonly Site[]) => readonly Site[]): void {
    if (!this.list) return;
    this.turn++;
    this.list = change(this.list);
  }
}

/** Who has access to one site, as a super user sees it. */
export class People {
  list = $state.raw<readonly User[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  private turn = 0;

  constructor(private readonly site: () => string) {}

  async load(): Promise<void> {
    const turn = ++this.turn;
    try {
      const { users } = await host().call('users', {});
      if (turn !== this.turn) return;
      this.list = users;
      this.fault = null;
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  async set(user: string, level: Level): Promise<void> {
    const changed = await host().call('setAccess', { id: user, site: this.site(), level });
    this.turn++;
    this.list = (this.list ?? []).map((one) => (one.id === changed.id ? changed : one));
  }
}
