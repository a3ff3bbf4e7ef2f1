// Rank and time. The rail is linear in activities where their spread is known, so that
// it moves like a scroll bar and quiet months take no room; otherwise linear in time.
import type { Histogram } from '../../host';
import { isoDay, offsetAt, startOfDay, type Where } from '../../lib/format';

export interface Scale {
  /** Newest and oldest, ms. */
  to: number;
  from: number;
  /** Time at the start of each bucket from the newest on, with the share of newer ones before it. */
  steps: readonly { at: number; until: number; before: number; share: number }[];
  /** How many there are; null where only the ends are known. */
  total: number | null;
  /** Of a bucket, ms; 0 where places are exact. */
  width: number;
}

/** Makes a scale of a histogram; null where there is nothing to scale. */
export function scaleOf(histogram: Histogram | null): Scale | null {
  if (!histogram || histogram.to < histogram.from || (histogram.to === 0 && histogram.from === 0)) return null;
  const { from, to, width } = histogram;
  const buckets = histogram.exact ? histogram.buckets : [];
  const total = buckets.reduce((sum, bucket) => sum + bucket.n, 0);
  if (total === 0) {
    return { from, to, total: null, width: 0, steps: [{ at: from, until: to, before: 0, share: 1 }] };
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
  return { from, to, total, steps, width };
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
  kind: Kind;
}
type Kind = 'year' | 'month' | 'day' | 'hour';

const kinds: readonly Kind[] = ['year', 'month', 'day', 'hour'];
const length: Record<Kind, number> = { year: 31_536_000_000, month: 2_592_000_000, day: 86_400_000, hour: 3_600_000 };

/** How the ticks are to be: the zone they are of, and pixels from one to the next. */
interface Room {
  scale: Scale;
  height: number;
  where: Where;
  gap: number;
}

/**
 * Years, and between them months, days and hours wherever there is room: a busy day
 * may take most of the rail. By the calendar of the reader's zone.
 */
export function ticksOf(scale: Scale, height: number, where: Where, gap = 20): Tick[] {
  const ticks: Tick[] = [];
  fill({ scale, height, where, gap }, 8 - gap, height - 8 + gap, 0, ticks);
  return ticks.sort((a, b) => a.y - b.y);
}

/** Fills the room between two places, at least a gap away from both. */
function fill(room: Room, start: number, end: number, level: number, ticks: Tick[]): void {
  const { scale, height, where, gap } = room;
  const kind = kinds[level];
  if (!kind || end - start < 2 * gap) return;
  const to = timeAt(scale, Math.max(0, start) / height);
  const from = timeAt(scale, Math.min(height, end) / height);
  // Places inside a bucket are guessed: what is much finer would be made up.
  if (4 * length[kind] < scale.width) return;
  let last = start;
  // More of them than could ever be told apart are no use, but for the busy parts.
  const fits = (span: Span): boolean => (span.to - span.from) / length[kind] <= (4 * span.share * height) / gap;
  const whole = { from, to, share: (end - start) / height };
  const spans = fits(whole) ? [whole] : spansIn(scale, from, to).filter(fits);
  const starts = spans.flatMap((span) => startsOf(span.from, span.to, kind, where).reverse());
  for (const at of starts) {
    const y = placeAt(scale, at) * height;
    if (y - last < gap || end - y < gap) continue;
    ticks.push({ at, y, kind });
    fill(room, last, y, level + 1, ticks);
    last = y;
  }
  fill(room, last, end, level + 1, ticks);
}

interface Span {
  from: number;
  to: number;
  /** Of all activities. */
  share: number;
}

/** The busy parts of a range, newest first: buckets that follow one another. */
function spansIn(scale: Scale, from: number, to: number): Span[] {
  const spans: Span[] = [];
  for (const step of scale.steps) {
    const upper = Math.min(to, step.until);
    const lower = Math.max(from, step.at);
    if (upper <= lower) continue;
    const share = (step.share * (upper - lower)) / Math.max(1, step.until - step.at);
    const last = spans.at(-1);
    // Quiet stretches shorter than a few buckets do not part what belongs together.
    if (last && last.from - upper <= 32 * scale.width) {
      last.from = lower;
      last.share += share;
    } else spans.push({ from: lower, to: upper, share });
  }
  return spans;
}

/** Where years, months, days or hours begin after `from`, up to `to`. */
function startsOf(from: number, to: number, kind: Kind, where: Where): number[] {
  const starts: number[] = [];
  const [year = 0, month = 0, day = 0] = isoDay(from, where).split('-').map(Number);
  const { hour } = length;
  const offset = offsetAt(from, where);
  const first = Math.floor((from + offset) / hour) * hour - offset;
  for (let i = 1; i < 1_000; i++) {
    let at: number;
    if (kind === 'year') at = startOfDay(year + i, 1, 1, where);
    else if (kind === 'month') at = startOfDay(year, month + i, 1, where);
    else if (kind === 'day') at = startOfDay(year, month, day + i, where);
    else at = first + i * hour;
    if (at > to) break;
    starts.push(at);
  }
  return starts;
}
