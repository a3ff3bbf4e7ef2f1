// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as format from './format';
import { isSingle, listen, spell, type Binding } from './keys';
import { hue, initials } from './person';
import { rank } from './rank';
import { pieces, plain } from './visible';

const berlin = { locale: 'en-GB', zone: 'Europe/Berlin' };
const at = Date.UTC(2026, 10, 22, 23, 30, 5);

describe('format', () => {
  it('writes in the zone asked for', () => {
    expect(format.isoDay(at, berlin)).toBe('2026-11-23');
    expect(format.isoDay(at, { ...berlin, zone: 'UTC' })).toBe('2026-11-22');
    expect(format.time(at, berlin)).toBe('00:30:05');
    expect(format.day(at, { locale: 'de', zone: 'Europe/Berlin' })).toBe('Montag, 23. November 2026');
  });

  it.each([
    ['Europe/Berlin', 2026, 3, 29, '2026-03-28T23:00:00Z'],
    ['Europe/Berlin', 2026, 3, 30, '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', 2026, 10, 26, '2026-10-25T23:00:00Z'],
    ['Asia/Kathmandu', 2026, 1, 1, '2025-12-31T18:15:00Z'],
    ['Pacific/Auckland', 2026, 2, 29, '2026-02-28T11:00:00Z'], // the 29th is the 1st of March
    ['America/Sao_Paulo', 2018, 11, 4, '2018-11-04T03:00:00Z'], // there was no midnight
    ['America/Havana', 2026, 11, 1, '2026-11-01T04:00:00Z'], // and here two of them
    ['UTC', 1999, 12, 31, '1999-12-31T00:00:00Z'],
  ])('knows when a day begins in %s: %i-%i-%i', (zone, year, month, day, wanted) => {
    const at = format.startOfDay(year, month, day, { locale: 'en', zone });
    expect(new Date(at).toISOString()).toBe(wanted.replace('Z', '.000Z'));
  });

  it('says now for what is later by the reader’s clock, which may be behind', () => {
    const en = { locale: 'en', zone: undefined };
    expect(format.ago(at, at, en)).toBe('now');
    expect(format.ago(at + 20_000, at, en)).toBe('now');
    expect(format.ago(at + 20_000, at, { locale: 'de', zone: undefined }, 'narrow')).toBe('jetzt');
    expect(format.ago(at - 1_000, at, en)).toBe('1 second ago');
    expect(format.ago(at + 240_000, at, en)).toBe('in 4 minutes');
  });

  it('counts in the reader’s way', () => {
    expect(format.number(1_234_567, { locale: 'de' })).toBe('1.234.567');
    expect(format.percent(0.999, { locale: 'en' })).toBe('99%');
    expect(format.percent(0.41, { locale: 'de' })).toMatch(/^41.%$/);
    expect(format.bytes(4_100_000, { locale: 'en' })).toMatch(/^4\.1.MB$/);
    expect(format.ago(at - 125_000, at, { locale: 'en', zone: undefined })).toBe('2 minutes ago');
  });
});

describe('keys', () => {
  let stop = (): void => undefined;
  afterEach(() => stop());

  function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): void {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
  }
  function bind(keys: string[], single = true): string[] {
    const log: string[] = [];
    const bindings: Binding[] = keys.map((one) => ({ keys: one, run: () => log.push(one) }));
    stop = listen(document, () => bindings, { single: () => single, apple: false });
    return log;
  }

  it('tells j, J, sequences and $mod apart', () => {
    const log = bind(['j', 'J', 'g', 'g t', 'G', '$mod+k', '?']);
    press('j');
    press('J', { shiftKey: true });
    press('k', { ctrlKey: true });
    press('?', { shiftKey: true });
    press('G', { shiftKey: true });
    expect(log).toEqual(['j', 'J', '$mod+k', '?', 'G']);
  });

  it('waits for the second key of a sequence', () => {
    const log = bind(['g t', 'g g', 't']);
    press('g');
    press('t');
    press('g');
    press('g');
    press('t');
    expect(log).toEqual(['g t', 'g g', 't']);
  });

  it('types brackets on every layout', () => {
    const log = bind(['[', ']']);
    press('[', { ctrlKey: true, altKey: true, modifierAltGraph: true });
    press(']');
    expect(log).toEqual(['[', ']']);
  });

  it('leaves fields, buttons and sliders their keys', () => {
    const log = bind(['j', 'Enter', 'Space', 'ArrowDown', '$mod+k', 'Escape']);
    const input = document.body.appendChild(document.createElement('input'));
    const button = document.body.appendChild(document.createElement('button'));
    const slider = document.body.appendChild(document.createElement('div'));
    slider.setAttribute('role', 'slider');
    press('j', {}, input);
    press('Enter', {}, input);
    press('Enter', {}, button);
    press(' ', {}, button);
    const panel = document.body.appendChild(document.createElement('div'));
    panel.setAttribute('role', 'tabpanel');
    press('ArrowDown', {}, slider);
    press('ArrowDown', {}, panel);
    press(' ', {}, panel);
    expect(log).toEqual([]);
    press('k', { ctrlKey: true }, input);
    press('j', {}, button);
    press(' ');
    expect(log).toEqual(['$mod+k', 'j', 'Space']);
    document.body.replaceChildren();
  });

  it('can switch single keys off', () => {
    const log = bind(['j', 'g t', '$mod+k', 'Escape'], false);
    press('j');
    press('g');
    press('t');
    press('Escape');
    press('k', { ctrlKey: true });
    expect(log).toEqual(['Escape', '$mod+k']);
    expect(['j', 'g t', 'Space', '$mod+k', 'Enter'].map(isSingle)).toEqual([true, true, true, false, false]);
  });

  it('does nothing once stopped, or where somebody was faster', () => {
    const log = bind(['j']);
    const first = vi.fn((event: Event) => event.preventDefault());
    document.body.addEventListener('keydown', first, { once: true });
    press('j');
    stop();
    press('j');
    expect(log).toEqual([]);
  });

  it('spells them', () => {
    expect(spell('$mod+k', true)).toEqual(['⌘', 'K']);
    expect(spell('$mod+k', false)).toEqual(['Ctrl', 'K']);
    expect(spell('g t', false)).toEqual(['g', 't']);
    expect(spell('Space', false)).toEqual(['␣']);
  });
});

describe('people', () => {
  it.each([
    ['Ada Example', 'AE'],
    ['ann', 'A'],
    ['mail@example.org', 'M'],
    ['  ', '?'],
    ['王 小明', '王小'],
  ])('%s is %s', (name, letters) => expect(initials(name)).toBe(letters));

  it('have a hue of their own', () => {
    expect(hue('ann')).toBe(hue('ann'));
    expect(hue('ann')).not.toBe(hue('bob'));
  });
});

describe('what can be seen', () => {
  it('names what would hide or turn text', () => {
    expect(plain('a\u0000b\n')).toBe('a␀b↵');
    expect(plain('shop\u202Egnp.exe')).toBe('shopU+202Egnp.exe');
    expect(pieces('x\u200by').map((piece) => [piece.text, piece.hidden])).toEqual([
      ['x', false],
      ['U+200B', true],
      ['y', false],
    ]);
  });

  it('leaves ordinary text of every language alone', () => {
    for (const text of ['Ünïcödé', 'نص عربي', '👩‍💻 works', 'हिन्दी']) expect(plain(text)).toBe(text);
  });
});

it('ranks starts over middles over scattered letters', () => {
  const order = ['Statistics', 'Go to statistics', 'Upstate', 'Switch to dark theme', 'Zebra'];
  const scores = order.map((label) => rank('stat', label));
  expect([...scores].sort((a, b) => b - a)).toEqual(scores);
  expect(rank('stat', 'Zebra')).toBe(0);
  expect(rank('dark theme', 'Theme: dark')).toBeGreaterThan(0);
  expect(rank('uber', 'Über')).toBeGreaterThan(5);
});
