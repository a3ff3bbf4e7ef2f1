import { expect, it } from 'vitest';
import { waysOut } from './ways';

it('leaves out one condition at a time', () => {
  expect(waysOut('actor:ann -type:GoalAdded word')).toEqual([
    { term: 'actor:ann', without: '-type:GoalAdded word' },
    { term: '-type:GoalAdded', without: 'actor:ann word' },
    { term: 'word', without: 'actor:ann -type:GoalAdded' },
  ]);
});

it('leaves a repeated condition out everywhere, once', () => {
  expect(waysOut('foo actor:ann foo')).toEqual([
    { term: 'foo', without: 'actor:ann' },
    { term: 'actor:ann', without: 'foo foo' },
  ]);
});

it('leaves all dates out together where there are several', () => {
  expect(waysOut('after:2026-01 x before:2026-02').at(-1)).toEqual({
    term: 'after:2026-01 before:2026-02',
    without: 'x',
  });
});

it('offers nothing where only everything is left', () => {
  expect(waysOut('foo')).toEqual([]);
  expect(waysOut('foo foo')).toEqual([]);
  expect(waysOut('')).toEqual([]);
});
