import { expect, test } from 'vitest';
import { Fault } from '../host';
import { Choice } from './choice.svelte';

test('of what is chosen while another is saved the last one counts', async () => {
  const choice = new Choice();
  const saved: string[] = [];
  let go = (): void => undefined;
  const save = (value: string): Promise<void> => {
    saved.push(value);
    return new Promise((resolve) => (go = resolve));
  };
  const first = choice.set('view', save);
  expect(await choice.set('write', save)).toBeNull();
  expect(await choice.set('admin', save)).toBeNull();
  expect([saved, choice.chosen]).toEqual([['view'], 'admin']);
  go();
  await expect.poll(() => saved).toEqual(['view', 'admin']);
  go();
  expect(await first).toBe(true);
  expect(choice.chosen).toBeNull();
});

test('what is refused goes back, and says why', async () => {
  const choice = new Choice();
  expect(await choice.set('none', () => Promise.reject(new Fault('conflict', 'The last one.')))).toBe(false);
  expect([choice.chosen, choice.form.fault?.message]).toEqual([null, 'The last one.']);
});
