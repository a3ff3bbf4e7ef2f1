import { describe, expect, it, vi } from 'vitest';
import { generated } from '../../host/generate';
import { MemoryHost } from '../../host/memory';
import type { Activity, Api, Page } from '../../host';
import { pageSize } from './chunks';
import { TimelineWindow } from './window.svelte';

const all = { query: '', zone: '' };

function make(size: number): { log: TimelineWindow; host: MemoryHost; source: ReturnType<typeof generated> } {
  const source = generated(size);
  const host = new MemoryHost(source);
  return { log: new TimelineWindow(host), host, source };
}

function ids(log: TimelineWindow): number[] {
  return log.rows.map((row) => Number(row.id));
}

/** Newest first without gap or repetition. */
function expectUnbroken(log: TimelineWindow): void {
  const list = ids(log);
  list.forEach((id, i) => {
    if (i > 0) expect(id).toBe((list[i - 1] ?? 0) - 1);
    expect(log.indexOf(String(id))).toBe(i);
  });
}

describe('the window', () => {
  it('opens at the newest', async () => {
    const { log } = make(1_000);
    expect(await log.open(all, null)).toBe(true);
    expect(log.rows).toHaveLength(pageSize);
    expect(log.rows[0]?.id).toBe('1000');
    expect([log.atTop, log.atEnd, log.phase]).toEqual([true, false, 'ready']);
  });

  it('knows a short log whole', async () => {
    const { log } = make(5);
    await log.open(all, null);
    expect([log.rows.length, log.atTop, log.atEnd]).toEqual([5, true, true]);
    const empty = make(0).log;
    await empty.open(all, null);
    expect([empty.rows.length, empty.atTop, empty.atEnd, empty.phase]).toEqual([0, true, true, 'ready']);
  });

  it('walks down and up without a gap, changing one end at a time', async () => {
    const { log } = make(1_000);
    await log.open(all, null);
    for (let i = 0; i < 4; i++) {
      await log.older();
      expect(log.shift).toBe(false);
    }
    expectUnbroken(log);
    const middle = log.rows[300]?.occurredAt ?? 0;
    await log.open(all, middle);
    expect(log.atTop).toBe(false);
    expect(log.rows[log.landing.index]?.occurredAt).toBe(middle);
    await log.newer();
    expect(log.shift).toBe(true);
    expectUnbroken(log);
    await log.newer();
    expect(log.atTop).toBe(true);
    expect(log.rows[0]?.id).toBe('1000');
    expectUnbroken(log);
  });

  it('stands where it was sent: at a time, with an activity in the middle, or at the end', async () => {
    const { log, source } = make(1_000);
    const { occurredAt, id } = source.at(500);
    await log.open(all, occurredAt);
    expect(log.landing.align).toBe('start');
    await log.open(all, occurredAt, id);
    expect([log.rows[log.landing.index]?.id, log.landing.align]).toEqual([id, 'center']);
    await log.open(all, occurredAt, '999999');
    expect([log.rows[log.landing.index]?.occurredAt, log.landing.align]).toEqual([occurredAt, 'start']);
    await log.open(all, 'end');
    expect(log.landing.align).toBe('end');
  });

  it('stops at the end', async () => {
    const { log, host } = make(250);
    await log.open(all, null);
    for (let i = 0; i < 3; i++) await log.older();
    expect([log.rows.length, log.atEnd]).toEqual([250, true]);
    const calls = host.calls.length;
    await log.older();
    expect(host.calls).toHaveLength(calls);
  });

  it('jumps to a time before everything, and after it', async () => {
    const { log, source } = make(1_000);
    await log.open(all, source.at(0).occurredAt - 10_000);
    expect(log.rows.at(-1)?.id).toBe('1');
    await log.open(all, source.at(999).occurredAt + 10_000);
    expect([log.rows[0]?.id, log.atTop]).toEqual(['1000', true]);
  });

  it('trims whole pages at the far end only, and can come back', async () => {
    const { log } = make(5_000);
    await log.open(all, null);
    while (log.rows.length <= 3_000) await log.older();
    const before = log.rows.length;
    const seen = log.rows[before - 5]?.id ?? '';
    log.trim(before - 20, before - 5);
    expect(log.rows.length).toBeLessThanOrEqual(3_000);
    expect([log.shift, log.atTop]).toEqual([true, false]);
    expect(log.indexOf(seen)).toBeGreaterThan(0);
    expectUnbroken(log);
    await log.newer();
    expectUnbroken(log);
    log.trim(0, 10);
    expect(log.shift).toBe(false);
    expectUnbroken(log);
  });

  it('leaves a small window alone', async () => {
    const { log } = make(1_000);
    await log.open(all, null);
    await log.older();
    const rows = log.rows;
    log.trim(200, 210);
    expect(log.rows).toBe(rows);
  });

  it('drops the answer for a place already left', async () => {
    const { log, host, source } = make(2_000);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const list = host.call.bind(host);
    let first = true;
    const slow = {
      call: async (op: never, input: never) => {
        const answer = await list(op, input);
        if (first) {
          first = false;
          await held;
        }
        return answer;
      },
    };
    const other = new TimelineWindow(slow as never);
    const early = other.open(all, source.at(10).occurredAt);
    const late = other.open(all, null);
    expect(await late).toBe(true);
    release();
    expect(await early).toBe(false);
    expect(other.rows[0]?.id).toBe('2000');
    expect(log.rows).toHaveLength(0);
  });

  it('keeps what it has when a query is wrong', async () => {
    const { log } = make(300);
    await log.open(all, null);
    const rows = log.rows;
    expect(await log.open({ ...all, query: 'foo:bar' }, null)).toBe(false);
    expect(log.rows).toBe(rows);
    expect([log.fault?.field, log.phase]).toEqual(['query', 'ready']);
    await log.open(all, null);
    expect(log.fault).toBeNull();
  });

  it('says so when the first answer fails', async () => {
    const { log } = make(3);
    await log.open({ ...all, query: 'foo:bar' }, null);
    expect([log.phase, log.fault?.code]).toEqual(['first', 'invalid']);
  });
});

/** A host whose answers to `list` come when they are let go of, in any order. */
class Held {
  readonly waiting: (() => void)[] = [];
  private free = false;

  constructor(private readonly host: MemoryHost) {}

  readonly call = (async (op: never, input: never) => {
    const answer = await this.host.call(op, input);
    if (!this.free) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return answer;
  }) as never;

  /** Waits until this many have been asked for. */
  async asked(n: number): Promise<void> {
    await vi.waitFor(() => expect(this.waiting).toHaveLength(n));
  }

  /** Lets all go, and whatever comes later. */
  release(): void {
    this.free = true;
    for (const go of this.waiting) go();
  }
}

describe('late answers', () => {
  it('do not let one page in twice', async () => {
    const held = new Held(make(2_000).host);
    const log = new TimelineWindow(held);
    const first = log.open(all, null);
    await held.asked(1);
    held.waiting[0]?.();
    await first;
    const stale = log.older();
    await held.asked(2);
    const again = log.open(all, null);
    await held.asked(3);
    held.waiting[2]?.();
    await again;
    const older = log.older();
    await held.asked(4);
    held.waiting[1]?.();
    await stale;
    const twice = log.older();
    held.release();
    await Promise.all([older, twice]);
    expectUnbroken(log);
    expect(log.rows).toHaveLength(2 * pageSize);
  });

  it('do not put an older top in the place of a newer one', async () => {
    const { host, source } = make(300);
    const held = new Held(host);
    const log = new TimelineWindow(held);
    const opening = log.open(all, null);
    await held.asked(1);
    held.waiting[0]?.();
    await opening;
    source.push({ ...source.at(299), id: '301' });
    const early = log.refresh(true);
    await held.asked(2);
    source.push({ ...source.at(299), id: '302' });
    const late = log.refresh(true);
    await held.asked(3);
    held.waiting[2]?.();
    await late;
    held.waiting[1]?.();
    await early;
    expect(log.rows[0]?.id).toBe('302');
    expectUnbroken(log);
  });
});

describe('what is new', () => {
  it('goes in at the top for who is there', async () => {
    const { log, source } = make(300);
    await log.open(all, null);
    source.push({ ...source.at(299), id: '301' });
    await log.refresh(true);
    expect([log.rows[0]?.id, log.fresh, log.shift]).toEqual(['301', 0, false]);
    expectUnbroken(log);
  });

  it('goes in above the view, and is counted, for who has scrolled', async () => {
    const { log, source } = make(300);
    await log.open(all, null);
    source.push({ ...source.at(299), id: '301' });
    source.push({ ...source.at(299), id: '302' });
    await log.refresh(false);
    expect([log.rows[0]?.id, log.fresh, log.shift]).toEqual(['302', 2, true]);
    await log.refresh(false);
    expect(log.fresh).toBe(2);
  });

  it('is only counted from far away', async () => {
    const { log, source } = make(2_000);
    await log.open(all, null);
    await log.open(all, source.at(100).occurredAt);
    source.push({ ...source.at(1_999), id: '2001' });
    const rows = log.rows;
    await log.refresh(false);
    expect(log.fresh).toBe(1);
    expect(log.rows).toBe(rows);
  });

  it('replaces the page where more came than fits', async () => {
    const { log, source } = make(300);
    await log.open(all, null);
    for (let i = 0; i < 200; i++) source.push({ ...source.at(299), id: String(301 + i) });
    await log.refresh(true);
    expect(log.rows[0]?.id).toBe('500');
    expectUnbroken(log);
  });

  it('is not passed over by who scrolled down while more came than fits', async () => {
    const { log, source } = make(300);
    await log.open(all, null);
    for (let i = 0; i < 200; i++) source.push({ ...source.at(299), id: String(301 + i) });
    await log.refresh(false);
    expect(log.fresh).toBeGreaterThan(0);
    expect([log.atTop, log.rows[0]?.id]).toEqual([false, '300']);
    while (!log.atTop) await log.newer();
    expect(log.rows[0]?.id).toBe('500');
    expectUnbroken(log);
  });

  it('does not pile up for who stays at the top, nor cut them off from what is older', async () => {
    const { log, source } = make(500);
    await log.open(all, null);
    await log.older();
    for (let n = 501; n <= 4_500; n += 40) {
      for (let i = 0; i < 40; i++) source.push({ ...source.at(499), id: String(n + i) });
      await log.refresh(true);
      log.trim(0, 20);
    }
    expect(log.rows[0]?.id).toBe('4500');
    expect(log.rows.length).toBeLessThanOrEqual(3_000);
    const { length } = log.rows;
    await log.older();
    expect(log.rows.length).toBeGreaterThan(length);
    expectUnbroken(log);
  });

  it('can be let go of and read again by who then scrolls far down', async () => {
    const { log, source } = make(6_000);
    await log.open(all, null);
    for (let n = 6_001; n <= 6_400; n++) {
      source.push({ ...source.at(5_999), id: String(n) });
      await log.refresh(true);
    }
    while (log.rows.length <= 3_800) await log.older();
    log.trim(log.rows.length - 20, log.rows.length - 5);
    expect(log.atTop).toBe(false);
    while (!log.atTop) await log.newer();
    expect(log.rows[0]?.id).toBe('6400');
    expectUnbroken(log);
  });

  it('fills an empty log', async () => {
    const { log, source } = make(0);
    await log.open(all, null);
    source.push({ ...generated(1).at(0), id: '1' });
    await log.refresh(true);
    expect(log.rows).toHaveLength(1);
  });
});

describe('oldest first', () => {
  /** A log of hours, read by time alone, that can lose and gain activities. */
  function hours(): { log: TimelineWindow; rows: Activity[]; add: (id: number, hour: number) => void } {
    const rows: Activity[] = [];
    const add = (id: number, hour: number): void =>
      void rows.push({ ...generated(1).at(0), id: String(id), occurredAt: hour * 3_600_000 });
    const list = ({ at }: Api['list']['in']): Page => ({
      items: rows.filter((row) => at === null || row.occurredAt >= at),
      next: null,
      previous: null,
    });
    return { log: new TimelineWindow(new MemoryHost(generated(0), { list })), rows, add };
  }

  it('what is new goes behind the last row', async () => {
    const { log, add } = hours();
    for (let n = 1; n <= 4; n++) add(n, n);
    await log.open({ ...all, oldest: true }, null);
    add(5, 4);
    await log.refresh(true);
    expect(ids(log)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is read again where the last row was erased, and nothing stands twice', async () => {
    const { log, rows, add } = hours();
    for (const [n, hour] of [1, 2, 3, 3].entries()) add(n + 1, hour);
    await log.open({ ...all, oldest: true }, null);
    rows.pop();
    add(5, 4);
    await log.refresh(false, false, 2 * 3_600_000);
    expect(ids(log)).toEqual([2, 3, 5]);
    expect(log.rows[log.landing.index]?.id).toBe('2');
    rows.pop();
    await log.refresh(true);
    expect(ids(log)).toEqual([1, 2, 3]);
  });
});

it('asks for pages of 120, newest first', async () => {
  const { log, host } = make(500);
  await log.open({ query: 'type:UserLoggedIn', zone: 'Europe/Berlin' }, null);
  const input = host.calls[0]?.input as Api['list']['in'];
  expect(input).toEqual({
    query: 'type:UserLoggedIn',
    zone: 'Europe/Berlin',
    order: 'newest',
    limit: 120,
    cursor: '',
    at: null,
  });
});
