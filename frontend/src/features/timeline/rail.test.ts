import { describe, expect, it } from 'vitest';
import { placeAt, scaleOf, ticksOf, timeAt, type Scale } from './rail';

const hour = 3_600_000;

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
      const ticks = ticksOf(years, height);
      expect(ticks.length).toBeGreaterThan(1);
      ticks.forEach((tick, i) => {
        expect(tick.y).toBeGreaterThanOrEqual(8);
        expect(tick.y).toBeLessThanOrEqual(height - 8);
        if (i > 0) expect(tick.y - (ticks[i - 1]?.y ?? 0)).toBeGreaterThanOrEqual(20);
      });
    }
  });

  it('tells the hours of a day that takes most of it', () => {
    const day = new Date(2024, 6, 10, 12).getTime();
    const busy = scaleOf({
      from: day,
      to: day + 1_000 * 24 * hour,
      width: hour,
      buckets: [0, 1, 2, 3, 4, 5, 6, 24_000].map((i) => ({ at: day + i * hour, n: i < 10 ? 100 : 5 })),
      exact: true,
    });
    const kinds = busy ? ticksOf(busy, 600).map((tick) => tick.kind) : [];
    expect(kinds.filter((kind) => kind === 'hour').length).toBeGreaterThanOrEqual(5);
  });
});
