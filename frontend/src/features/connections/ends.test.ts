import { expect, test } from 'vitest';
import { endAt } from './ends';

const where = { locale: 'en', zone: 'Europe/Berlin' };
const now = Date.parse('2026-03-01T12:00:00Z');

test('a chosen day is the last on which the token works, by the zone of who chose it', () => {
  expect(endAt('date', '2026-03-28', now, where)).toBe(Date.parse('2026-03-28T23:00:00Z'));
  // The clocks are put forward in the night of the 29th.
  expect(endAt('date', '2026-03-29', now, where)).toBe(Date.parse('2026-03-29T22:00:00Z'));
  expect(endAt('date', '2026-12-31', now, where)).toBe(Date.parse('2026-12-31T23:00:00Z'));
});

test('a span counts from now, never is null, and what stays is not said', () => {
  expect(endAt('30', '', now, where)).toBe(now + 30 * 86_400_000);
  expect(endAt('never', '', now, where)).toBeNull();
  expect(endAt('keep', '', now, where)).toBeUndefined();
});
