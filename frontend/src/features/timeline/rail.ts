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
const gap = 20;

/**
 * Years, and between them months, days and hours wherever there is room: a busy day
 * may take most of the rail. By this machine's calendar.
 */
export function ticksOf(scale: Scale, height: number): Tick[] {
  const ticks: Tick[] = [];
  fill(scale, height, 8 - gap, height - 8 + gap, 0, ticks);
  return ticks.sort((a, b) => a.y - b.y);
}

/** Fills the room between two places, at least a gap away from both. */
function fill(scale: Scale, height: number, start: number, end: number, level: number, ticks: Tick[]): void {
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
  const starts = spans.flatMap((span) => startsOf(span.from, span.to, kind).reverse());
  for (const at of starts) {
    const y = placeAt(scale, at) * height;
    if (y - last < gap || end - y < gap) continue;
    ticks.push({ at, y, kind });
    fill(scale, height, last, y, level + 1, ticks);
    last = y;
  }
  fill(scale, height, last, end, level + 1, ticks);
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

function startsOf(from: number, to: number, kind: Kind): number[] {
  const starts: number[] = [];
  const date = new Date(from);
  if (kind === 'hour') date.setMinutes(0, 0, 0);
  else date.setHours(0, 0, 0, 0);
  if (kind === 'month' || kind === 'year') date.setDate(1);
  if (kind === 'year') date.setMonth(0);
  for (let i = 0; i < 1_000; i++) {
    if (kind === 'year') date.setFullYear(date.getFullYear() + 1);
    else if (kind === 'month') date.setMonth(date.getMonth() + 1);
    else if (kind === 'day') date.setDate(date.getDate() + 1);
    else date.setHours(date.getHours() + 1);
    if (date.getTime() > to) break;
    starts.push(date.getTime());
  }
  return starts;
}
