import { expect, test } from 'vitest';
import { useHost, type TypeInfo } from '../host';
import { MemoryHost, nothing } from '../host/memory';
import { catalogue } from './catalogue.svelte';

function type(id: string): TypeInfo {
  return { id, label: id, category: '', categoryLabel: '', parameters: [] } as unknown as TypeInfo;
}

test('types and sites that came in with activities are read once something happened', async () => {
  let known = ['GoalAdded'];
  const host = new MemoryHost(nothing, {
    types: () => ({ types: known.map(type) }) as never,
    sites: () => ({ sites: [], seen: known.map((id) => `site of ${id}`) }) as never,
    settings: () => ({ gravatar: false, language: 'en' }) as never,
  });
  useHost(host);
  await catalogue.load();
  known = ['GoalAdded', 'Shop/OrderRefunded'];
  await catalogue.follow(1);
  expect(catalogue.types.map((one) => one.id)).toEqual(known);
  expect(catalogue.seenSites).toContain('site of Shop/OrderRefunded');
  const asked = host.calls.length;
  await catalogue.follow(1);
  expect(host.calls.length).toBe(asked);
});

test('what is known stays where it cannot be read again', async () => {
  useHost(new MemoryHost(nothing));
  const before = catalogue.types;
  expect(before.length).toBeGreaterThan(0);
  await catalogue.follow(2);
  expect(catalogue.types).toBe(before);
});

test('an answer in the language left does not win', async () => {
  let language = 'en';
  const waiting: (() => void)[] = [];
  useHost(
    new MemoryHost(nothing, {
      types: async () => {
        const answer = { types: [type(language)] };
        await new Promise<void>((resolve) => waiting.push(resolve));
        return answer as never;
      },
    }),
  );
  const early = catalogue.load();
  await expect.poll(() => waiting.length).toBe(1);
  language = 'de';
  const late = catalogue.load();
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]?.();
  await late;
  waiting[0]?.();
  await early;
  expect(catalogue.types.map((one) => one.id)).toEqual(['de']);
});

test('of two readings the newer revision’s stays', async () => {
  const waiting: ((id: string) => void)[] = [];
  useHost(
    new MemoryHost(nothing, {
      types: () => new Promise((resolve) => waiting.push((id) => resolve({ types: [type(id)] } as never))),
    }),
  );
  const early = catalogue.follow(11);
  const late = catalogue.follow(12);
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]?.('new');
  await late;
  waiting[0]?.('old');
  await early;
  expect(catalogue.types.map((one) => one.id)).toEqual(['new']);
});
