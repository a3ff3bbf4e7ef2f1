import { toFault, type Activity, type Api, type Fault, type Host, type Page } from '../../host';
import { chunkOf, pageSize, trimmed, withHead, type Chunk } from './chunks';

/** What the list shows: a query, the zone its dates are read in, and the order. */
export interface Question {
  query: string;
  zone: string;
  oldest?: boolean;
}

/** The part of the log that is loaded: a window of whole pages that slides over it by keyset, newest first unless asked otherwise.
 * One update changes the start of `rows` (shift is true) or its end, never both, so that the list can hold its place. */
export class TimelineWindow {
  rows = $state.raw<readonly Activity[]>([]);
  /** True while the update at hand changes the start of rows. */
  shift = $state(false);
  /** Another number whenever rows were replaced rather than extended. */
  epoch = $state(0);
  /** Where to stand after a replacement: a row's index, and where in the view it is to be. */
  landing = $state.raw<{ index: number; align: 'start' | 'center' | 'end' }>({ index: 0, align: 'start' });
  /** Whether the activity that the order begins with is in rows: the newest, unless asked otherwise. */
  atTop = $state(true);
  /** Whether the one it ends with is in rows. */
  atEnd = $state(false);
  /** How many newer ones came while nobody stood at the top. */
  fresh = $state(0);
  /** first: nothing was shown yet; jumping: rows are of the place left. */
  phase = $state<'first' | 'ready' | 'jumping'>('first');
  fault = $state.raw<Fault | null>(null);

  private chunks: Chunk[] = [];
  private places = new Map<string, number>();
  private question: Question = { query: '', zone: '' };
  private turn = 0;
  private refreshes = 0;
  private reaching = { older: false, newer: false };
  /** Goes back before the newest activity known; for counting what is new from afar. */
  private topCursor: string | null = null;

  constructor(private readonly host: Pick<Host, 'call'>) {}

  /** The index of a row, -1 if it is not loaded. */
  indexOf(id: string | null): number {
    return id === null ? -1 : (this.places.get(id) ?? -1);
  }

  /**
   * Replaces everything by the page around a time, the first page without one, or the
   * last one for 'end', and stands there, or with `centre` in the middle. An answer that was overtaken by another call is dropped;
   * a failure leaves the rows as they are. Returns whether it got through.
   */
  async open(question: Question, at: number | 'end' | null, centre?: string): Promise<boolean> {
    const turn = ++this.turn;
    this.phase = this.phase === 'first' ? 'first' : 'jumping';
    try {
      const chunks = await this.around(question, at);
      if (turn !== this.turn) return false;
      this.question = question;
      this.fault = null;
      this.fresh = at === null ? 0 : this.fresh;
      this.reaching = { older: false, newer: false };
      this.replace(chunks.list, chunks.index, at === 'end' ? 'end' : 'start', chunks.top);
      const middle = this.indexOf(centre ?? null);
      if (middle >= 0) this.landing = { index: middle, align: 'center' };
      return true;
    } catch (cause) {
      if (turn !== this.turn) return false;
      this.fault = toFault(cause);
      this.phase = this.epoch === 0 ? 'first' : 'ready';
      return false;
    }
  }

  /** Appends the page after the last row. */
  async older(): Promise<void> {
    const cursor = this.chunks.at(-1)?.next;
    if (!cursor || this.reaching.older || this.phase !== 'ready') return;
    // A replacement brings an object of its own: an answer that comes after it must not free this one.
    const { reaching } = this;
    reaching.older = true;
    await this.extend(cursor, (page) => {
      this.set([...this.chunks, chunkOf(page)], false);
      this.atEnd = page.next === null;
    });
    reaching.older = false;
  }

  /** Prepends the page before the first row. */
  async newer(): Promise<void> {
    const cursor = this.chunks[0]?.previous;
    if (!cursor || this.atTop || this.reaching.newer || this.phase !== 'ready') return;
    const { reaching } = this;
    reaching.newer = true;
    await this.extend(cursor, (page) => {
      if (page.items.length > 0) this.set([chunkOf(page), ...this.chunks], true);
      if (page.items.length < pageSize) this.reachTop();
    });
    reaching.newer = false;
  }

  /** Drops pages at the far end once there are more than 3,000 rows; only while nothing moves. */
  trim(firstShown: number, lastShown: number): void {
    if (this.reaching.older || this.reaching.newer) return;
    const less = trimmed(this.chunks, firstShown, lastShown);
    if (!less) return;
    this.set(less.chunks, less.fromStart);
    if (less.fromStart) this.atTop = false;
    else this.atEnd = false;
  }

  /**
   * Something may have changed. At the top the newest page is read again and what is new
   * goes in: pinned readers see it at once, others keep their place and get a number. Oldest first, what is new
   * goes behind the last row, unless the list is held. Where that row is gone, everything is read again
   * around `at`, the time where the reader stands; null is where the order begins.
   */
  async refresh(pinned: boolean, held = false, at: number | null = null): Promise<void> {
    if (this.phase !== 'ready') return;
    const { turn } = this;
    const refresh = ++this.refreshes;
    const late = (): boolean => turn !== this.turn || refresh !== this.refreshes;
    try {
      if (this.question.oldest && this.atEnd && !held && this.rows.length > 0) await this.extendEnd(late, at);
      if (late()) return;
      if (!this.atTop) {
        await this.countFresh(late);
        return;
      }
      const page = await this.list({ cursor: '', at: null });
      if (late() || !this.atTop) return;
      this.fault = null;
      const old = page.items.findIndex((item) => item.id === this.rows[0]?.id);
      const joined = old >= 0 && page.items.slice(old).every((item, i) => this.rows[i]?.id === item.id);
      if (joined && old === 0) return;
      if (joined) {
        this.set(withHead(page, old, this.chunks), !pinned);
        this.atEnd = this.chunks.at(-1)?.next === null;
        this.topCursor = page.previous;
        if (!pinned) this.fresh += old;
      } else if (pinned || this.rows.length === 0) {
        this.replace([chunkOf(page)], 0, 'start', true);
      } else {
        // More came than fits, or something in between: the top is elsewhere now.
        this.atTop = false;
        this.fresh = Math.max(1, old < 0 ? page.items.length : old);
      }
    } catch (cause) {
      if (!late() && this.rows.length === 0) this.fault = toFault(cause);
    }
  }

  /** Oldest first, what happens now comes last: the end is read again from the last row's time on. */
  private async extendEnd(late: () => boolean, at: number | null): Promise<void> {
    const last = this.rows.at(-1);
    if (!last) return;
    const page = await this.list({ cursor: '', at: last.occurredAt });
    if (late() || !this.atEnd || this.rows.at(-1)?.id !== last.id) return;
    const known = page.items.findIndex((item) => item.id === last.id);
    // Erased, or one of more than a page of the same time: what follows it cannot be told.
    if (known < 0) return void (await this.open(this.question, at));
    const news = page.items.slice(known + 1);
    if (news.length === 0) return;
    const piece = this.chunks.at(-1);
    this.set(
      [
        ...this.chunks.slice(0, -1),
        { items: [...(piece?.items ?? []), ...news], next: page.next, previous: piece?.previous ?? null },
      ],
      false,
    );
    this.atEnd = page.next === null;
  }

  private async countFresh(late: () => boolean): Promise<void> {
    if (!this.topCursor) return;
    const page = await this.list({ cursor: this.topCursor, at: null });
    if (!late() && !this.atTop) this.fresh = page.items.length;
  }

  private async around(
    question: Question,
    at: number | 'end' | null,
  ): Promise<{ list: Chunk[]; index: number; top: boolean }> {
    if (at === null)
      return { list: [chunkOf(await this.list({ cursor: '', at: null }, question))], index: 0, top: true };
    // The end is where the other order begins.
    const end = async (): Promise<number | undefined> =>
      (await this.list({ cursor: '', at: null, order: question.oldest ? 'newest' : 'oldest', limit: 1 }, question))
        .items[0]?.occurredAt;
    const from = at === 'end' ? ((await end()) ?? 0) : at;
    const page = await this.list({ cursor: '', at: from }, question);
    if (page.items.length === 0) {
      // Nothing that far: the end of the log is the nearest place.
      const last = await end();
      if (last === undefined || (question.oldest ? last >= from : last <= from)) return this.around(question, null);
      return this.around(question, last);
    }
    const before = page.previous
      ? await this.list({ cursor: page.previous, at: null }, question)
      : { items: [], next: null, previous: null };
    const list = before.items.length > 0 ? [chunkOf(before), chunkOf(page)] : [chunkOf(page)];
    return { list, index: before.items.length, top: before.items.length < pageSize };
  }

  private async extend(cursor: string, take: (page: Page) => void): Promise<void> {
    const turn = this.turn;
    try {
      const page = await this.list({ cursor, at: null });
      if (turn !== this.turn) return;
      this.fault = null;
      take(page);
    } catch (cause) {
      if (turn === this.turn) this.fault = toFault(cause);
    }
  }

  private list(
    place: { cursor: string; at: number | null; order?: string; limit?: number },
    question = this.question,
  ): Promise<Page> {
    const { query, zone, oldest } = question;
    const input: Api['list']['in'] = { query, zone, order: oldest ? 'oldest' : 'newest', limit: pageSize, ...place };
    return this.host.call('list', input);
  }

  private replace(chunks: Chunk[], index: number, align: 'start' | 'end', top: boolean): void {
    this.landing = { index, align };
    this.set(chunks, false);
    this.epoch++;
    this.atEnd = chunks.at(-1)?.next == null;
    this.atTop = false;
    if (top) this.reachTop();
    this.phase = 'ready';
  }

  private reachTop(): void {
    this.atTop = true;
    this.fresh = 0;
    this.topCursor = this.chunks[0]?.previous ?? null;
  }

  private set(chunks: Chunk[], shift: boolean): void {
    this.chunks = chunks;
    this.shift = shift;
    this.rows = chunks.flatMap((chunk) => chunk.items);
    this.places = new Map(this.rows.map((row, index) => [row.id, index]));
  }
}
