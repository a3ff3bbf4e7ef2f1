// Rank and time. The rail is linear in activities where their spread is known, so that
// it moves like a scroll bar and quiet months take no room; otherwise linear in time.
import type { Histogram } from '../../host';

export interface Scale {
  /** Newest and oldest, ms. */
  to: number;
  from: number;
  /** Time at the start of each bucket from the newest on, with the share of newer ones before it. */
  steps: readonly { at: number; until: number; before: number; share: number }[];
  /** How many there are; null where only the ends are known. */
  total: number | null;
}

/** Makes a scale of a histogram; null where there is nothing to scale. */
export function scaleOf(histogram: Histogram | null): Scale | null {
  if (!histogram || histogram.to < histogram.from || (histogram.to === 0 && histogram.from === 0)) return null;
  const { from, to, width } = histogram;
  const buckets = histogram.exact ? histogram.buckets : [];
  const total = buckets.reduce((sum, bucket) => sum + bucket.n, 0);
  if (total === 0) {
    return { from, to, total: null, steps: [{ at: from, until: to, before: 0, share: 1 }] };
  }
  const steps: { at: number; until: number; before: number; share: number }[] = [];
  let before = 0;
  for (let i = buckets.length - 1; i >= 0; i--) {
    const bucket = buckets[i];
    if (!bucket) continue;
    const share = bucket.n / total;
    steps.push({ at: Math.max(from, bucket.at), until: Math.min(to, bucket.at + width), before, share });
    before += share;
  }
  return { from, to, total, steps };
}

/** The time at a place of the rail, 0 the newest to 1 the oldest. */
export function timeAt(scale: Scale, place: number): number {
  if (place <= 0) return scale.to;
  if (place >= 1) return scale.from;
  const step = find(scale.steps, (one) => one.before <= place);
  const inside = step.share > 0 ? (place - step.before) / step.share : 0;
  return Math.round(step.until - Math.min(1, inside) * (step.until - step.at));
}

/** The place of a time. */
export function placeAt(scale: Scale, time: number): number {
  if (time >= scale.to) return 0;
  if (time <= scale.from) return 1;
  const step = find(scale.steps, (one) => one.until >= time);
  if (time <= step.at) return Math.min(1, step.before + step.share);
  const inside = step.until > step.at ? (step.until - time) / (step.until - step.at) : 0;
  return Math.min(1, step.before + Math.max(0, inside) * step.share);
}

/** The last step for which the test holds; steps are sorted so that it holds for the first ones. */
function find(steps: Scale['steps'], holds: (step: Scale['steps'][number]) => boolean): Scale['steps'][number] {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const step = steps[middle];
    if (step && holds(step)) low = middle;
    else high = middle - 1;
  }
  return steps[low] ?? { at: 0, until: 0, before: 0, share: 1 };
}

export interface Tick {
  at: number;
  /** Pixels from the start. */
  y: number;
  kind: 'year' | 'month' | 'day' | 'hour';
}

const gap = 20;

/** Years, then months, days and hours where there is room for them, by this machine's calendar. */
export function ticksOf(scale: Scale, height: number): Tick[] {
  const kept: Tick[] = [];
  for (const kind of ['year', 'month', 'day', 'hour'] as const) {
    const starts = startsOf(scale, kind);
    if (starts.length === 0) continue;
    // A kind that would fit for less than a third of its places only confuses.
    if (kind !== 'year' && height / starts.length < gap / 3) break;
    for (const at of starts) {
      const y = placeAt(scale, at) * height;
      if (y < 8 || y > height - 8) continue;
      if (kept.every((tick) => Math.abs(tick.y - y) >= gap)) kept.push({ at, y, kind });
    }
  }
  return kept.sort((a, b) => a.y - b.y);
}

function startsOf(scale: Scale, kind: Tick['kind']): number[] {
  const starts: number[] = [];
  const date = new Date(scale.from);
  if (kind === 'hour') date.setMinutes(0, 0, 0);
  else date.setHours(0, 0, 0, 0);
  if (kind === 'month' || kind === 'year') date.setDate(1);
  if (kind === 'year') date.setMonth(0);
  for (let i = 0; i < 1_000; i++) {
    if (kind === 'year') date.setFullYear(date.getFullYear() + 1);
    else if (kind === 'month') date.setMonth(date.getMonth() + 1);
    else if (kind === 'day') date.setDate(date.getDate() + 1);
    else date.setHours(date.getHours() + 1);
    if (date.getTime() > scale.to) break;
    starts.push(date.getTime());
  }
  return starts;
}
