import { host, type Api, type Settings, type Site, type TypeInfo } from '../host';

/** What the whole page knows of the log: types, sites, settings, pictures. Read once a language and sign-in, and followed by who offers types or sites. */
class Catalogue {
  types = $state.raw<readonly TypeInfo[]>([]);
  sites = $state.raw<readonly Site[]>([]);
  /** Names of foreign sites seen in the log. */
  seenSites = $state.raw<readonly string[]>([]);
  settings = $state.raw<Settings | null>(null);
  private pictures = new Map<string, Promise<string>>();
  private turn = 0;
  private revision = 0;
  /** The revision that types and sites are of. */
  private taken = 0;

  byId = $derived(new Map(this.types.map((type) => [type.id, type])));

  /** Reads everything again; what a role may not read stays empty. */
  async load(): Promise<void> {
    this.pictures.clear();
    const turn = ++this.turn;
    const at = host();
    const [types, sites, settings] = await Promise.allSettled([
      at.call('types', {}),
      at.call('sites', {}),
      at.call('settings', {}),
    ]);
    if (turn !== this.turn) return;
    this.types = types.status === 'fulfilled' ? types.value.types : [];
    this.sites = sites.status === 'fulfilled' ? sites.value.sites : [];
    this.seenSites = sites.status === 'fulfilled' ? sites.value.seen : [];
    this.take(settings.status === 'fulfilled' ? settings.value : null);
  }

  /** Types and sites come in with activities: reads both again, once for each revision of the log. */
  async follow(revision: number): Promise<void> {
    if (revision === this.revision) return;
    this.revision = revision;
    const { turn } = this;
    const at = host();
    const [types, sites] = await Promise.allSettled([at.call('types', {}), at.call('sites', {})]);
    if (turn !== this.turn || revision < this.taken) return;
    this.taken = revision;
    if (types.status === 'fulfilled') this.types = types.value.types;
    if (sites.status === 'fulfilled') {
      this.sites = sites.value.sites;
      this.seenSites = sites.value.seen;
    }
  }

  /** Changes some of the settings. */
  async configure(change: Partial<Api['configure']['in']>): Promise<void> {
    const none = { gravatar: null, language: null, serve: null, port: null, ipMask: null, doNotTrack: null };
    this.take(await host().call('configure', { ...none, ingestRequests: null, ingestRecords: null, ...change }));
  }

  /** Takes over settings that were just changed. */
  take(settings: Settings | null): void {
    if (settings?.gravatar !== this.settings?.gravatar) this.pictures.clear();
    this.settings = settings;
  }

  /** The picture of an actor as a data: URI, "" for initials. Asked for once, and never while Gravatar is off. */
  picture(actor: string): Promise<string> {
    if (!this.settings?.gravatar || actor === '') return Promise.resolve('');
    let found = this.pictures.get(actor);
    if (!found) {
      found = host()
        .call('avatar', { actor })
        .then(
          ({ data }) => (data.startsWith('data:image/') ? data : ''),
          () => '',
        );
      this.pictures.set(actor, found);
    }
    return found;
  }
}

export const catalogue = new Catalogue();
