// Dates and numbers for people. Making an Intl formatter costs far more than using
// one, so each is made once per language and zone.

export interface Where {
  locale: string;
  /** IANA name; undefined is this machine's. */
  zone: string | undefined;
}

const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();
const relatives = new Map<string, Intl.RelativeTimeFormat>();

function dateFormat(where: Where, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${where.locale}|${where.zone ?? ''}|${kind}`;
  let found = dates.get(key);
  if (!found) {
    const zoned = where.zone ? { ...options, timeZone: where.zone } : options;
    dates.set(key, (found = new Intl.DateTimeFormat(regional(where.locale), zoned)));
  }
  return found;
}

/** The region of the viewer where its language is the one spoken (so that British readers get British dates). */
export function regional(locale: string): string {
  if (typeof navigator === 'undefined') return locale;
  const own = navigator.languages.find((one) => one.startsWith(locale + '-'));
  // The texts are British English; so are its dates, unless the viewer's own region says otherwise.
  return own ?? (locale === 'en' ? 'en-GB' : locale);
}

/** 10:31:02 */
export function time(ms: number, where: Where): string {
  return dateFormat(where, 'time', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
}

/** Monday, 23 November 2026 */
export function day(ms: number, where: Where): string {
  return dateFormat(where, 'day', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(ms);
}

/** 23 Nov 2026 */
export function shortDay(ms: number, where: Where): string {
  return dateFormat(where, 'short', { day: 'numeric', month: 'short', year: 'numeric' }).format(ms);
}

/** Nov */
export function month(ms: number, where: Where): string {
  return dateFormat(where, 'month', { month: 'short' }).format(ms);
}

/** 2026 */
export function year(ms: number, where: Where): string {
  return dateFormat(where, 'year', { year: 'numeric' }).format(ms);
}

/** Mon, 23 Nov 2026, 10:29:46 CET */
export function moment(ms: number, where: Where): string {
  return dateFormat(where, 'moment', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(ms);
}

/** 23 Nov 2026, 10:29 */
export function stamp(ms: number, where: Where): string {
  return dateFormat(where, 'stamp', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

/** What a clock in the zone shows: year, month from 1, day, hour, minute, second. */
function clock(ms: number, where: Where): [number, number, number, number, number, number] {
  const parts = dateFormat({ locale: 'en-CA', zone: where.zone }, 'clock', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
  }).formatToParts(ms);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return [part('year'), part('month'), part('day'), part('hour'), part('minute'), part('second')];
}

/** 2026-11-23 in the zone, to compare days and to write dates into queries. */
export function isoDay(ms: number, where: Where): string {
  const [year, month, day] = clock(ms, where);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** How far clocks in the zone are ahead of UTC at a time, ms. */
export function offsetAt(ms: number, where: Where): number {
  const [year, month, day, hour, minute, second] = clock(ms, where);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
}

/** The first moment of a day in the zone. Months count from 1; days beyond a month's end run into the next. */
export function startOfDay(year: number, month: number, day: number, where: Where): number {
  const midnight = Date.UTC(year, month - 1, day);
  const wanted = new Date(midnight).toISOString().slice(0, 10);
  // Clocks may change that day: of the two midnights the earlier one that is on it.
  const starts = [-86_400_000, 86_400_000].map((away) => midnight - offsetAt(midnight + away, where));
  return starts.sort((a, b) => a - b).find((at) => isoDay(at, where) === wanted) ?? midnight;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** 2 minutes ago. What is up to a minute ahead is now: clocks differ, and the reader's is looked at now and then only. */
export function ago(ms: number, now: number, where: Where, style: 'long' | 'narrow' = 'long'): string {
  const away = ms - now;
  if (away > -1_000 && away < 60_000) return relative(where, style, 'auto').format(0, 'second');
  // In figures: "yesterday" would be wrong for much that was 30 hours ago.
  const format = relative(where, style, 'always');
  for (const [unit, size] of steps) {
    if (Math.abs(away) >= size) return format.format(Math.round(away / size), unit);
  }
  return format.format(Math.trunc(away / 1_000), 'second');
}

function relative(where: Where, style: 'long' | 'narrow', numeric: 'auto' | 'always'): Intl.RelativeTimeFormat {
  const key = `${where.locale}|${style}|${numeric}`;
  let format = relatives.get(key);
  if (!format) relatives.set(key, (format = new Intl.RelativeTimeFormat(where.locale, { numeric, style })));
  return format;
}

/** 1,234,567 */
export function number(n: number, where: Pick<Where, 'locale'>): string {
  let format = numbers.get(where.locale);
  if (!format) numbers.set(where.locale, (format = new Intl.NumberFormat(regional(where.locale))));
  return format.format(n);
}

/** 41% of what 1 is all of, rounded down: only what is done is 100% */
export function percent(share: number, where: Pick<Where, 'locale'>): string {
  const key = `${where.locale}|%`;
  let format = numbers.get(key);
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(regional(where.locale), { style: 'percent' })));
  return format.format(Math.floor(share * 100) / 100);
}

/** 4.1 MB, in powers of a thousand */
export function bytes(n: number, where: Pick<Where, 'locale'>): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let power = 0;
  while (n >= 1000 && power < units.length - 1) {
    n /= 1000;
    power++;
  }
  const key = `${where.locale}|${power}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(regional(where.locale), {
      style: 'unit',
      unit: units[power] ?? 'byte',
      unitDisplay: 'short',
      maximumFractionDigits: power === 0 ? 0 : 1,
    });
    numbers.set(key, format);
  }
  return format.format(n);
}
