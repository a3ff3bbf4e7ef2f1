import { describe, expect, it } from 'vitest';
import { placeAt, scaleOf, ticksOf, timeAt, type Scale } from './rail';

const hour = 3_600_000;
const utc = { locale: 'en', zone: 'UTC' };

function scale(buckets: { at: number; n: number }[], to: number): Scale {
  const found = scaleOf({ from: 0, to, width: hour, buckets, exact: true });
  if (!found) throw new Error('no scale');
  return found;
}

describe('the rail', () => {
  const uneven = scale(
    [
      { at: 0, n: 10 },
      { at: 100 * hour, n: 90 },
    ],
    101 * hour,
  );

  it('is linear in activities: quiet time takes no room', () => {
    expect(timeAt(uneven, 0)).toBe(101 * hour);
    expect(timeAt(uneven, 1)).toBe(0);
    expect(timeAt(uneven, 0.45)).toBe(100.5 * hour);
    expect(placeAt(uneven, 100.5 * hour)).toBeCloseTo(0.45);
    expect(placeAt(uneven, 50 * hour)).toBeCloseTo(0.9);
    expect(timeAt(uneven, 0.95)).toBe(0.5 * hour);
  });

  it('goes there and back', () => {
    for (let i = 0; i <= 100; i++) {
      const place = i / 100;
      expect(placeAt(uneven, timeAt(uneven, place))).toBeCloseTo(place, 5);
    }
  });

  it('never turns around', () => {
    let last = Infinity;
    for (let i = 0; i <= 200; i++) {
      const time = timeAt(uneven, i / 200);
      expect(time).toBeLessThanOrEqual(last);
      last = time;
    }
  });

  it('is linear in time where only the ends are known', () => {
    const ends = scaleOf({ from: 1_000, to: 2_000, width: 0, buckets: [], exact: false });
    expect(ends && timeAt(ends, 0.25)).toBe(1_750);
    expect(ends && placeAt(ends, 1_250)).toBeCloseTo(0.75);
    expect(ends?.total).toBeNull();
  });

  it('is none without activities', () => {
    expect(scaleOf(null)).toBeNull();
    expect(scaleOf({ from: 0, to: 0, width: 0, buckets: [], exact: true })).toBeNull();
  });

  it('stays inside for times outside', () => {
    expect(placeAt(uneven, -5)).toBe(1);
    expect(placeAt(uneven, 1e15)).toBe(0);
  });

  it('keeps its ticks apart', () => {
    const years = scale(
      Array.from({ length: 400 }, (_, i) => ({ at: i * 72 * hour, n: 1 + (i % 7) })),
      400 * 72 * hour,
    );
    for (const height of [120, 600, 1_400]) {
      const ticks = ticksOf(years, height, utc);
      expect(ticks.length).toBeGreaterThan(1);
      ticks.forEach((tick, i) => {
        expect(tick.y).toBeGreaterThanOrEqual(8);
        expect(tick.y).toBeLessThanOrEqual(height - 8);
        if (i > 0) expect(tick.y - (ticks[i - 1]?.y ?? 0)).toBeGreaterThanOrEqual(20);
      });
    }
  });

  it('tells the hours of a day that takes most of it', () => {
    const day = Date.UTC(2024, 6, 10, 12);
    const busy = scaleOf({
      from: day,
      to: day + 1_000 * 24 * hour,
      width: hour,
      buckets: [0, 1, 2, 3, 4, 5, 6, 24_000].map((i) => ({ at: day + i * hour, n: i < 10 ? 100 : 5 })),
      exact: true,
    });
    const kinds = busy ? ticksOf(busy, 600, utc).map((tick) => tick.kind) : [];
    expect(kinds.filter((kind) => kind === 'hour').length).toBeGreaterThanOrEqual(5);
  });

  it.each(['UTC', 'Pacific/Auckland', 'America/New_York', 'Asia/Kathmandu'])(
    'has its ticks where %s has them',
    (zone) => {
      const where = { locale: 'en', zone };
      const read = (at: number) =>
        new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
      const from = Date.UTC(2024, 1, 20);
      const at = (kind: string, days: number) => {
        const even = scaleOf({
          from,
          to: from + days * 24 * hour,
          width: hour,
          buckets: Array.from({ length: days * 24 }, (_, i) => ({ at: from + i * hour, n: 1 })),
          exact: true,
        });
        const ticks = even ? ticksOf(even, 900, where).filter((tick) => tick.kind === kind) : [];
        return ticks.map((tick) => read(tick.at));
      };
      // 800 days: two new years, and the clocks change in between.
      expect(at('year', 800)).toEqual(['01/01/2026, 00:00', '01/01/2025, 00:00']);
      for (const one of at('month', 400)) expect(one).toMatch(/^01\/.*00:00$/);
      expect(at('month', 400).length).toBeGreaterThan(8);
      for (const one of at('day', 60)) expect(one).toMatch(/ 00:00$/);
      expect(at('day', 60).length).toBeGreaterThan(15);
      for (const one of at('hour', 1)) expect(one).toMatch(/:00$/);
      expect(at('hour', 1).length).toBeGreaterThan(15);
    },
  );

  it('gives larger letters more room', () => {
    const years = scale(
      Array.from({ length: 400 }, (_, i) => ({ at: i * 72 * hour, n: 1 })),
      400 * 72 * hour,
    );
    const ticks = ticksOf(years, 900, utc, 40);
    ticks.forEach((tick, i) => {
      if (i > 0) expect(tick.y - (ticks[i - 1]?.y ?? 0)).toBeGreaterThanOrEqual(40);
    });
    expect(ticks.length).toBeLessThan(ticksOf(years, 900, utc).length);
  });
});
