import { expect, test, vi } from 'vitest';
import { useHost, type DryRun, type Rule } from '../../host';
import { MemoryHost, nothing } from '../../host/memory';
import { Keeping } from './retention.svelte';

const rule = (name: string): Rule => ({ name, scope: 'all', value: '', keep: false, age: 2, unit: 'years' });

/** A log whose dry runs end when they are let go of: the nth says that it would remove n. */
function make(): {
  keeping: Keeping;
  waiting: (() => void)[];
  dryRuns: () => number;
  now: { rules: Rule[]; running: object | null; ended: string };
} {
  const waiting: (() => void)[] = [];
  const now = { rules: [rule('old')], running: null as object | null, ended: '1' };
  const state = () => ({ config: { rules: now.rules, reports: { enabled: false, months: 6 } }, running: now.running });
  const host = new MemoryHost(nothing, {
    retention: () => state() as never,
    configureRetention: ({ rules }) => {
      now.rules = rules ?? now.rules;
      return state() as never;
    },
    retentionRuns: () => ({ runs: [{ id: now.ended, state: 'done' }] }) as never,
    retentionDryRun: () => new Promise((resolve) => waiting.push(() => resolve({ count: waiting.length } as DryRun))),
  });
  useHost(host);
  return {
    keeping: new Keeping(),
    waiting,
    dryRuns: () => host.calls.filter((call) => call.op === 'retentionDryRun').length,
    now,
  };
}

test('however much happens, one dry run goes on at a time, and one more after it', async () => {
  const { keeping, waiting, dryRuns } = make();
  for (let i = 0; i < 5; i++) await keeping.load();
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  for (let i = 0; i < 5; i++) {
    const other = keeping.would([rule(String(i))], () => i === 4);
    await keeping.load();
    if (i < 4) void other.then((dry) => expect(dry).toBeNull());
  }
  expect(dryRuns()).toBe(1);
  waiting[0]?.();
  await vi.waitFor(() => expect(keeping.dry?.count).toBe(1));
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  expect(dryRuns()).toBe(2);
  waiting[1]?.();
  await vi.waitFor(() => expect(waiting).toHaveLength(3), 10_000);
  waiting[2]?.();
  await vi.waitFor(() => expect(keeping.dry?.count).toBe(3));
  expect(dryRuns()).toBe(3);
  keeping.stop();
});

test('while a run goes on none is begun; once it ended the former answer counts no longer', async () => {
  const { keeping, waiting, dryRuns, now } = make();
  await keeping.load();
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  waiting[0]?.();
  await vi.waitFor(() => expect(keeping.dry?.count).toBe(1));
  now.running = { erased: 0 };
  for (let i = 0; i < 3; i++) await keeping.load();
  expect(await keeping.would(null, () => false)).toBeNull();
  expect(dryRuns()).toBe(1);
  now.running = null;
  now.ended = '2';
  await keeping.load();
  expect(keeping.dry).toBeNull();
  await vi.waitFor(() => expect(waiting).toHaveLength(2), 10_000);
  keeping.stop();
});

test('an answer for other rules is not taken', async () => {
  const { keeping, waiting } = make();
  await keeping.load();
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  await keeping.configure({ rules: [rule('new')] });
  waiting[0]?.();
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  expect(keeping.dry).toBeNull();
  waiting[1]?.();
  await vi.waitFor(() => expect(keeping.dry?.count).toBe(2));
});
