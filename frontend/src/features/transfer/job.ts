import type { Job, Report } from '../../host';
import { number, shortDay, type Where } from '../../lib/format';
import { m } from '../../lib/paraglide/messages';
import { print } from '../../lib/query/parse';
import { amount } from '../../state/job';
import type { Figure } from '../../ui/figures';

/** How fast a job goes and how long it still takes; null where that cannot be said. */
export interface Pace {
  /** Units a second, on average since the start. */
  rate: number | null;
  /** Milliseconds to go. */
  left: number | null;
  /** Milliseconds it took or has taken. */
  took: number;
}

/** The pace of a job at a time. Nothing is said in the first second: it would be a guess. */
export function paceOf(job: Job, now: number): Pace {
  const took = Math.max(0, (job.finishedAt ?? now) - job.startedAt);
  if (took < 1_000 || job.done === 0) return { rate: null, left: null, took };
  const rate = (job.done * 1_000) / took;
  const open = job.state === 'running' && job.total !== null ? Math.max(0, job.total - job.done) : null;
  return { rate, left: open === null ? null : (open * 1_000) / rate, took };
}

/** 3 s, 2 min, 1 h 5 min */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return m.transfer_seconds({ n: Math.max(1, seconds) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return m.transfer_minutes({ n: minutes });
  return m.transfer_hours({ h: Math.floor(minutes / 60), n: minutes % 60 });
}

/** "48,000 of 120,000 rows · 4,800 a second · about 15 s left" */
export function progressText(job: Job, now: number, where: Where): string {
  const done = amount(job, job.done, where);
  const rows = job.unit !== 'bytes';
  const total = job.total === null ? null : amount(job, job.total, where);
  let text: string;
  if (total === null) text = rows ? m.transfer_rows({ n: done }) : done;
  else text = rows ? m.transfer_rows_of({ n: done, total }) : m.transfer_of({ n: done, total });
  const pace = paceOf(job, now);
  if (pace.rate !== null) text += ` · ${m.transfer_rate({ n: amount(job, Math.round(pace.rate), where) })}`;
  if (pace.left !== null && pace.left > 0) text += ` · ${m.transfer_left({ span: span(pace.left) })}`;
  else if (job.state !== 'running') text += ` · ${m.transfer_took({ span: span(pace.took) })}`;
  return text;
}

type Id = 'read' | 'new' | 'duplicate' | 'erased' | 'conflicting' | 'cut' | 'rejected' | 'skipped';

const figures: [Id, () => string, () => string, NonNullable<Figure['tone']>][] = [
  ['read', m.transfer_read, m.transfer_read_means, 'plain'],
  ['new', m.transfer_new, m.transfer_new_means, 'good'],
  ['duplicate', m.transfer_duplicate, m.transfer_duplicate_means, 'plain'],
  ['erased', m.transfer_erased, m.transfer_erased_means, 'plain'],
  ['conflicting', m.transfer_conflicting, m.transfer_conflicting_means, 'bad'],
  ['cut', m.transfer_cut, m.transfer_cut_means, 'warn'],
  ['rejected', m.transfer_rejected, m.transfer_rejected_means, 'bad'],
  ['skipped', m.transfer_skipped, m.transfer_skipped_means, 'plain'],
];

/** The figures of a report: a nought says something too, but other tables only dumps have. */
export function figuresOf(report: Report, where: Where): Figure[] {
  const has = figures.filter(([id]) => id !== 'skipped' || report.skipped > 0);
  return has.map(([id, label, meaning, tone]) => ({
    id,
    label: label(),
    meaning: meaning(),
    value: number(report[id], where),
    tone: report[id] === 0 ? 'none' : tone,
  }));
}

/** "1 Jan 2026 – 23 Nov 2026", "" where nothing came in. */
export function rangeOf(report: Report, where: Where): string {
  if (report.oldest === null || report.newest === null) return '';
  const from = shortDay(report.oldest, where);
  const to = shortDay(report.newest, where);
  return from === to ? from : `${from} – ${to}`;
}

/** What the timeline has to show for an import. */
export function queryOf(report: Report): string {
  return print('source', report.source);
}

/** How many problems lie beyond the ones listed. */
export function beyond(total: number, listed: number): number {
  return Math.max(0, total - listed);
}
