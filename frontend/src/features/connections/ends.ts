import { shortDay, startOfDay, type Where } from '../../lib/format';
import { m } from '../../lib/paraglide/messages';

/** When a token ends, as a person chooses it. */
export type Ends = 'keep' | '30' | '90' | '365' | 'never' | 'date';

const day = 86_400_000;

/** The choices; one that exists can also stay as it is. */
export function endOptions(was: { expiresAt: number | null } | null, where: Where): { value: Ends; label: string }[] {
  const keep: { value: Ends; label: string }[] = was
    ? [
        {
          value: 'keep',
          label:
            was.expiresAt === null
              ? m.connections_ends_keep_never()
              : m.connections_ends_keep({ day: shortDay(was.expiresAt, where) }),
        },
      ]
    : [];
  return [
    ...keep,
    { value: '30', label: m.connections_ends_30() },
    { value: '90', label: m.connections_ends_90() },
    { value: '365', label: m.connections_ends_365() },
    { value: 'date', label: m.connections_ends_date() },
    { value: 'never', label: m.connections_ends_never() },
  ];
}

/**
 * The moment chosen, in ms: null for never, undefined where it stays. A date (YYYY-MM-DD)
 * is the last day on which the token works, by the reader's zone.
 */
export function endAt(ends: Ends, date: string, now: number, where: Where): number | null | undefined {
  if (ends === 'keep') return undefined;
  if (ends === 'never') return null;
  if (ends !== 'date') return now + Number(ends) * day;
  const [year = 0, month = 0, last = 0] = date.split('-').map(Number);
  return startOfDay(year, month, last + 1, where);
}
