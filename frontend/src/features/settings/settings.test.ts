import { describe, expect, test } from 'vitest';
import { Fault } from '../../host';
import { Saver } from './saver.svelte';
import { finding, sectionsOf, settings } from './settings';

describe('finding a setting', () => {
  test('nothing typed shows everything', () => {
    expect(finding('  ').size).toBe(Object.keys(settings).length);
  });

  test('words are looked for in titles, hints and section names, without case and accents', () => {
    expect([...finding('gravatar')]).toEqual(['gravatar']);
    expect([...finding('GRAVATÁR hash')]).toEqual(['gravatar']);
    expect(finding('appearance')).toEqual(new Set(['theme', 'density']));
  });

  test('every word must be there', () => {
    expect(finding('gravatar theme').size).toBe(0);
  });

  test('only sections with something to show are shown', () => {
    expect(sectionsOf(finding('gravatar'))).toEqual(['privacy']);
    expect(sectionsOf(new Set())).toEqual([]);
  });
});

describe('saving a setting', () => {
  test('says that it is being saved, and when it was', async () => {
    const saver = new Saver(() => 1_000);
    let finish = (): void => undefined;
    const done = saver.save('theme', () => new Promise<void>((resolve) => (finish = resolve)));
    expect(saver.of('theme')?.phase).toBe('saving');
    finish();
    expect(await done).toBe(true);
    expect(saver.of('theme')).toMatchObject({ phase: 'saved', at: 1_000 });
    expect(saver.of('density')).toBeNull();
  });

  test('undo puts the old value back, once', async () => {
    const saver = new Saver(() => 0);
    let value = 'light';
    const set = (next: string) => (): Promise<void> => {
      value = next;
      return Promise.resolve();
    };
    await saver.save('theme', set('dark'), set('light'));
    expect(value).toBe('dark');
    expect(await saver.undo('theme')).toBe(true);
    expect(value).toBe('light');
    expect(await saver.undo('theme')).toBe(false);
  });

  test('a refusal stands beside its setting and cannot be undone', async () => {
    const saver = new Saver(() => 0);
    const refuse = (): Promise<never> => Promise.reject(new Fault('invalid', 'There is no such zone.', 'zone'));
    expect(await saver.save('zone', refuse, () => Promise.resolve())).toBe(false);
    expect(saver.error('zone')).toBe('There is no such zone.');
    expect(saver.error('theme')).toBe('');
    expect(saver.of('zone')).toMatchObject({ phase: 'failed', undo: null });
  });

  test('a refused value that is taken back leaves no complaint; what was saved can still be undone', async () => {
    const saver = new Saver(() => 0);
    await saver.save('port', () => Promise.reject(new Fault('invalid', 'No port.', 'port')));
    await saver.save(
      'name',
      () => Promise.resolve(),
      () => Promise.resolve(),
    );
    saver.takenBack('port');
    saver.takenBack('name');
    expect([saver.error('port'), saver.of('port')]).toEqual(['', null]);
    expect(saver.of('name')?.undo).not.toBeNull();
  });

  test('another person starts with nothing saved', async () => {
    const saver = new Saver(() => 0);
    saver.begin('1');
    await saver.save('theme', () => Promise.resolve());
    saver.begin('1');
    expect(saver.of('theme')).not.toBeNull();
    saver.begin('2');
    expect(saver.of('theme')).toBeNull();
    expect(saver.last).toBeNull();
  });
});
