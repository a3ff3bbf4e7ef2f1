// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Fault, useHost, type Api } from '../../host';
import { generated } from '../../host/generate';
import { MemoryHost, type Answers } from '../../host/memory';
import { TimelineView } from './view.svelte';

beforeEach(() => {
  location.hash = '#/timeline';
});
afterEach(() => {
  vi.useRealTimers();
});

function make(answers: Answers = {}): TimelineView {
  useHost(new MemoryHost(generated(500), answers));
  return new TimelineView('/timeline', '', () => 'UTC');
}

it('shows no count where the count of the query at hand cannot be read', async () => {
  const view = make({
    count: ({ query }: Api['count']['in']) => {
      if (query !== '') throw new Fault('unavailable', 'Not now.');
      return { n: 500, exact: true };
    },
  });
  await view.ask('');
  await expect.poll(() => view.count?.n).toBe(500);
  await view.ask('type:UserLoggedIn');
  await expect.poll(() => view.count).toBeNull();
  expect(view.window.rows.length).toBeGreaterThan(0);
});

it('keeps the count of a query where reading it again fails', async () => {
  let fine = true;
  const view = make({
    count: () => {
      if (!fine) throw new Fault('unavailable', 'Not now.');
      return { n: 500, exact: true };
    },
    histogram: () => ({ from: 1, to: 2, width: 1, buckets: [], exact: false }),
  });
  vi.useFakeTimers();
  await view.ask('');
  await vi.runAllTimersAsync();
  expect(view.count?.n).toBe(500);
  fine = false;
  const before = view.histogram;
  view.changed();
  await vi.runAllTimersAsync();
  expect(view.histogram).not.toBe(before);
  expect(view.count?.n).toBe(500);
});
