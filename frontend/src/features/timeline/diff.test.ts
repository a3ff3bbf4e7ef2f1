import { expect, it } from 'vitest';
import { valueText, wordDiff } from './diff';

it.each([
  [null, null],
  ['', ''],
  [0, '0'],
  [false, 'false'],
  [{ a: 1 }, '{\n "a": 1\n}'],
])('writes the value %j', (value, text) => {
  expect(valueText(value)).toBe(text);
});

it('compares by words only where most stayed', () => {
  expect(wordDiff('count every visit', 'count each visit')?.map((run) => run.kind)).toEqual([
    'same',
    'old',
    'new',
    'same',
  ]);
  expect(wordDiff('draft', 'published')).toBeNull();
  expect(wordDiff('one thing here', 'entirely different words')).toBeNull();
  expect(wordDiff(null, 'a b')).toBeNull();
  expect(wordDiff('a b '.repeat(2_000), 'a b')).toBeNull();
});
