// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest';
import { useHost, type Job } from '../host';
import { MemoryHost, nothing } from '../host/memory';
import { live } from './live.svelte';

function jobs(state: string): Job[] {
  return [{ id: '1', kind: 'import', title: 'a', state } as unknown as Job];
}

/** A host whose answers about jobs wait until they are let go. */
function slow(): { host: MemoryHost; waiting: ((jobs: Job[]) => void)[] } {
  const waiting: ((jobs: Job[]) => void)[] = [];
  const host = new MemoryHost(nothing, {
    jobs: () => new Promise((resolve) => waiting.push((jobs) => resolve({ jobs }))),
  });
  useHost(host);
  return { host, waiting };
}

afterEach(() => live.stop());

/** Lets what an answer sets off run to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('jobs that were asked for are shown', async () => {
  const { waiting } = slow();
  live.start();
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]?.(jobs('running'));
  await expect.poll(() => live.running.length).toBe(1);
});

test('an answer from before jobs were told does not bring back how they were', async () => {
  const { host, waiting } = slow();
  live.start();
  await expect.poll(() => waiting.length).toBe(1);
  host.listeners.tell('jobs', jobs('done'));
  waiting[0]?.(jobs('running'));
  await settled();
  expect(live.jobs.map((job) => job.state)).toEqual(['done']);
});

test('of two answers about jobs the one asked for last is shown', async () => {
  const { waiting } = slow();
  live.start();
  live.touch();
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]?.(jobs('done'));
  waiting[0]?.(jobs('running'));
  await settled();
  expect(live.jobs.map((job) => job.state)).toEqual(['done']);
});

test('who signs out leaves no jobs to the next', async () => {
  const { waiting } = slow();
  live.start();
  await expect.poll(() => waiting.length).toBe(1);
  live.stop();
  waiting[0]?.(jobs('running'));
  await settled();
  expect(live.jobs).toEqual([]);
});
