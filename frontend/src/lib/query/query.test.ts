import { describe, expect, it } from 'vitest';
import { add, addText, drop, has, remove, replace, toggle } from './edit';
import { place } from './error';
import { parse, print, quote } from './parse';

describe('parse', () => {
  it('finds filters, words, phrases and their places', () => {
    const text = 'USER:me -type:GoalAdded "two words" free site:"My \\"shop\\"" http://x';
    expect(parse(text).map(({ field, value, negated, quoted }) => ({ field, value, negated, quoted }))).toEqual([
      { field: 'actor', value: 'me', negated: false, quoted: false },
      { field: 'type', value: 'GoalAdded', negated: true, quoted: false },
      { field: null, value: 'two words', negated: false, quoted: true },
      { field: null, value: 'free', negated: false, quoted: false },
      { field: 'site', value: 'My "shop"', negated: false, quoted: true },
      { field: null, value: 'http://x', negated: false, quoted: false },
    ]);
  });

  it('never fails and covers all but the spaces', () => {
    const parts = ['-', '"', ' ', 'a', ':', 'type', '\\', 'type:"', '\t', '🙂', 'é', '*'];
    let seed = 7;
    const next = (n: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let round = 0; round < 2_000; round++) {
      let text = '';
      for (let i = next(12); i > 0; i--) text += parts[next(parts.length)] ?? '';
      const terms = parse(text);
      let at = 0;
      let rest = '';
      for (const term of terms) {
        expect(term.start).toBeGreaterThanOrEqual(at);
        expect(term.end).toBeGreaterThan(term.start);
        expect(term.valueStart).toBeGreaterThanOrEqual(term.start);
        rest += text.slice(at, term.start);
        at = term.end;
      }
      expect((rest + text.slice(at)).trim()).toBe('');
    }
  });

  it('reads back what it prints', () => {
    for (const value of ['ann', 'two words', 'a"b', 'back\\slash x', '"', 'import:cloudtrail/prod', '-x']) {
      const [term] = parse(print('source', value, true));
      expect(term).toMatchObject({ field: 'source', value, negated: true });
      expect(parse(print(null, value))[0]).toMatchObject({ field: null, value });
    }
    expect(quote('plain')).toBe('plain');
  });
});

describe('edit', () => {
  const ann = { field: 'actor', value: 'ann' } as const;

  it('adds once, and takes the opposite out', () => {
    expect(add('', ann)).toBe('actor:ann');
    expect(add('actor:ANN', ann)).toBe('actor:ANN');
    expect(add('price -actor:ann', ann)).toBe('price actor:ann');
    expect(add('actor:ann price', ann, true)).toBe('price -actor:ann');
    expect(add('-actor:bob', ann, true)).toBe('-actor:bob -actor:ann');
  });

  it('"only" takes the place of its alternatives', () => {
    expect(add('actor:bob type:GoalAdded', ann)).toBe('type:GoalAdded actor:ann');
  });

  it('allows one date of a kind', () => {
    expect(add('last:7d x', { field: 'last', value: '1h' })).toBe('x last:1h');
  });

  it('toggles, drops and removes without leaving double spaces', () => {
    expect(toggle('a -actor:me b', { field: 'actor', value: 'me' }, true)).toBe('a b');
    expect(toggle('a', { field: 'actor', value: 'me' }, true)).toBe('a -actor:me');
    expect(drop('actor:ann x -actor:ann', ann)).toBe('x');
    const text = 'one  two   three';
    expect(parse(text).map((term) => remove(text, term))).toEqual(['two   three', 'one three', 'one  two']);
    expect(has('-actor:ann', ann)).toBe(false);
  });

  it('adds the filter of a sentence part as it comes', () => {
    expect(addText('x', 'object:goal:7')).toBe('x object:goal:7');
    expect(addText('x object:goal:7', 'object:goal:7')).toBe('x object:goal:7');
    expect(addText('x', '"some words"')).toBe('x "some words"');
  });

  it('replaces a term and puts the caret behind it', () => {
    expect(replace('aa ty bb', 3, 5, 'type:')).toEqual({ text: 'aa type:bb', caret: 8 });
    expect(replace('aa ty', 3, 5, 'type:X')).toEqual({ text: 'aa type:X ', caret: 10 });
  });
});

it('finds the place in a message, counted in characters', () => {
  expect(place('🙂 foo:bar', 'Column 3: There is no field "foo".')).toEqual({
    text: 'There is no field "foo".',
    at: 3,
  });
  expect(place('x', 'The query is too long.')).toEqual({ text: 'The query is too long.', at: null });
});
