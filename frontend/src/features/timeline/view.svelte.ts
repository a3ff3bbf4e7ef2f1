import { host, type Activity, type Count, type Histogram } from '../../host';
import { place as placeOfError, type QueryFault } from '../../lib/query/error';
import { withFixed } from './fixed';
import { looking } from '../../state/looking.svelte';
import { plain, readPlace, writePlace, type Look, type Place } from '../../lib/place';
import { TimelineWindow, type Question } from './window.svelte';

interface Options {
  at?: number | 'end' | null;
  /** The activity to have in the middle, where it is on the page of that time. */
  centre?: string;
  record?: 'push' | 'replace' | 'no';
}

/** What a timeline looks at, and everything it knows of it. The address says the same. */
export class TimelineView {
  /** What stands in the query box. */
  text = $state('');
  /** The query that is shown; the text may be ahead of it, or wrong. */
  asked = $state('');
  /** The query that `count` and `histogram` are of. */
  measured = $state<string | null>(null);
  queryFault = $state.raw<QueryFault | null>(null);
  count = $state.raw<Count | null>(null);
  /** How the matches are spread over time, for the rail. */
  histogram = $state.raw<Histogram | null>(null);
  selected = $state<string | null>(null);
  look = $state.raw<Look>(plain);
  /** The row that has, or would get, the focus. */
  active = $state<string | null>(null);
  /** Rows that are not as `open` says. */
  private turned = $state.raw<ReadonlySet<string>>(new Set());
  /** Whether rows show what changed in them. */
  private open = $state(false);
  /** Nothing comes in by itself. */
  paused = $state(false);
  /** The activity at the top of the view. */
  top = $state.raw<Activity | null>(null);
  pinned = $state(true);

  readonly window = new TimelineWindow(host());
  /** Nothing at all happened, as far as this reader may see. */
  readonly blank = $derived(this.asked === '' && this.window.phase === 'ready' && this.window.rows.length === 0);

  private turn = 0;
  private statsTurn = 0;
  private jumped: number | null = null;
  /** The last question, if it got no answer. */
  private missed: { text: string; options: Options } | null = null;
  private refreshing: ReturnType<typeof setTimeout> | undefined;
  private stats: ReturnType<typeof setTimeout> | undefined;
  private lastStats = 0;

  constructor(
    private readonly path: string,
    /** What is always asked too, such as user:me. */
    private readonly fixed: string,
    private readonly zone: () => string,
  ) {}

  compose = (text: string): string => withFixed(text, this.fixed);

  private question(text: string): Question {
    return { query: this.compose(text), zone: this.zone(), oldest: this.look.oldest };
  }

  /** Goes where the address says. */
  async follow(start = ''): Promise<void> {
    const place = readPlace(location.hash);
    const query = place.query || start;
    this.selected = place.selected;
    if (place.selected) this.active = place.selected;
    const { oldest, columns, density, view } = place;
    const turned = oldest !== this.look.oldest;
    this.look = { oldest, columns, density, view };
    this.tell();
    if (this.window.epoch > 0 && !turned && query === this.asked && place.at === this.jumped) return;
    this.text = query;
    await this.ask(query, { at: place.at, record: 'no' });
    if (place.selected !== null && this.window.indexOf(place.selected) < 0) await this.goTo(place.selected);
  }

  /** A link may name an activity far from the place: the list goes to it, if this reader may see it. */
  private async goTo(id: string): Promise<void> {
    const turn = this.turn;
    try {
      const { activity } = await host().call('get', { id });
      if (turn === this.turn) await this.ask(this.asked, { at: activity.occurredAt, centre: id, record: 'no' });
    } catch {
      // The details say what is wrong with it.
    }
  }

  /**
   * Shows what a text asks for. Where it is wrong the place is shown and everything
   * else stays as it is.
   */
  async ask(text: string, options: Options = {}): Promise<boolean> {
    const query = text.trim();
    const turn = ++this.turn;
    const done = await this.window.open(this.question(query), options.at ?? null, options.centre);
    if (turn !== this.turn) return false;
    this.missed = done ? null : { text, options };
    const fault = this.window.fault;
    if (!done && fault?.field === 'query') {
      this.queryFault = placeOfError(text, fault.message);
      this.window.fault = null;
      return false;
    }
    this.queryFault = null;
    if (!done) return false;
    const changed = query !== this.asked;
    this.asked = query;
    this.tell();
    this.jumped = typeof options.at === 'number' ? options.at : null;
    if (options.record !== 'no') this.write(options.record === 'push' && changed);
    if (changed || this.count === null) void this.measure();
    return true;
  }

  /** Writes a text into the box and shows it; every click on the screen ends here. */
  async apply(text: string): Promise<void> {
    this.text = text;
    const at = this.pinned ? null : (this.top?.occurredAt ?? null);
    if (await this.ask(text, { at, record: 'push' })) this.active = null;
  }

  /** Changes how the list is shown; another order starts at its beginning. */
  async show(look: Partial<Look>): Promise<void> {
    const turned = look.oldest !== undefined && look.oldest !== this.look.oldest;
    this.look = { ...this.look, ...look };
    this.tell();
    if (turned) await this.ask(this.asked, { record: 'replace' });
    else this.write(false);
  }

  private tell(): void {
    looking.now = { query: this.compose(this.asked), ...this.look };
  }

  /** Goes to a time, to where the order begins, or to its end. */
  async jump(at: number | 'end' | null): Promise<void> {
    if (at === null) this.window.fresh = 0;
    await this.ask(this.asked, { at, record: 'replace' });
  }

  select(id: string | null): void {
    this.selected = id;
    if (id !== null) this.active = id;
    this.write(false);
  }

  /** Whether a row shows what changed in it. */
  isOpen(id: string): boolean {
    return this.turned.has(id) !== this.open;
  }

  toggle(id: string): void {
    const next = new Set(this.turned);
    if (!next.delete(id)) next.add(id);
    this.turned = next;
  }

  toggleAll(): void {
    this.open = !this.open;
    this.turned = new Set();
  }

  /** Holds the list as it is: what is new is counted, until somebody goes on. */
  pause(hold: boolean): void {
    this.paused = hold;
    if (!hold && this.window.fresh > 0) void this.jump(null);
  }

  /** The view moved; the address follows once it rests. */
  moved(top: { activity: Activity; pinned: boolean } | null): void {
    this.top = top?.activity ?? null;
    this.pinned = top?.pinned ?? true;
    if (this.pinned && this.window.fresh > 0) this.window.fresh = 0;
  }

  rested(): void {
    this.write(false);
  }

  /** The address of what is looked at, for copying: whole, or what leads there when it is pasted into the query box. */
  link(): string {
    const page = host().can.links ? location.href.replace(/#.*$/s, '') : '';
    return page + writePlace(this.path, this.here());
  }

  /** Something may have changed: at most once a second, and counts every five. */
  changed(): void {
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined;
      void this.window.refresh(this.pinned && !this.paused, this.paused, this.here().at);
      const wait = Math.max(0, 5_000 - (performance.now() - this.lastStats));
      this.stats ??= setTimeout(() => {
        this.stats = undefined;
        void this.measure();
      }, wait);
    }, 300);
  }

  stop(): void {
    clearTimeout(this.refreshing);
    clearTimeout(this.stats);
    this.turn++;
    looking.now = null;
  }

  /** Asks again what was not answered; where a further page was missing, reads on from here. */
  retry(): Promise<boolean> {
    if (this.missed) return this.ask(this.missed.text, this.missed.options);
    return this.ask(this.asked, { at: this.here().at, record: 'no' });
  }

  private here(): Place {
    return {
      query: this.asked,
      at: this.pinned || !this.top ? null : this.top.occurredAt,
      selected: this.selected,
      ...this.look,
    };
  }

  private write(push: boolean): void {
    const hash = writePlace(this.path, this.here());
    if (hash === location.hash || !location.hash.startsWith(`#${this.path}`)) return;
    // Not through the router: nothing has to be shown anew.
    if (push) history.pushState(history.state, '', hash);
    else history.replaceState(history.state, '', hash);
  }

  private async measure(): Promise<void> {
    const turn = ++this.statsTurn;
    this.lastStats = performance.now();
    const { query, zone } = this.question(this.asked);
    const [count, histogram] = await Promise.allSettled([
      host().call('count', { query, zone, exact: false }),
      host().call('histogram', { query, zone, buckets: 512 }),
    ]);
    if (turn !== this.statsTurn) return;
    // Where it cannot be read, what is known of this query stays; what was known of another goes.
    const known = query === this.measured;
    this.measured = query;
    this.count = count.status === 'fulfilled' ? count.value : known ? this.count : null;
    this.histogram = histogram.status === 'fulfilled' ? histogram.value : known ? this.histogram : null;
  }
}
