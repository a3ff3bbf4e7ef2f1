import { expect, test } from 'vitest';
import type { Mapping } from '../../host';
import { applied, fieldOf, withField } from './mapping';

const columns = [
  { name: 'When', values: [] },
  { name: 'Who', values: [] },
  { name: 'Extra', values: [] },
];
const mapping: Mapping = {
  type: 'Door',
  objectKind: '',
  timeOrder: '',
  zone: '',
  columns: [
    { name: 'When', field: 'occurredAt' },
    { name: 'Gone', field: 'ip' },
  ],
};

test('what is not named is a parameter', () => {
  expect(fieldOf(mapping, 'When')).toBe('occurredAt');
  expect(fieldOf(mapping, 'Who')).toBe('parameter');
});

test('a field is one column’s only', () => {
  const next = withField(mapping, columns, 'Who', 'occurredAt');
  expect(next.columns).toEqual([
    { name: 'When', field: 'parameter' },
    { name: 'Who', field: 'occurredAt' },
    { name: 'Extra', field: 'parameter' },
  ]);
  const left = withField(withField(mapping, columns, 'Who', 'nothing'), columns, 'Extra', 'nothing');
  expect(left.columns.map((one) => one.field)).toEqual(['occurredAt', 'nothing', 'nothing']);
});

test('a saved mapping is used for the columns that are there', () => {
  const next = applied({ name: 'Doors', mapping, savedAt: 0 }, columns);
  expect(next.type).toBe('Door');
  expect(next.columns.map((one) => one.field)).toEqual(['occurredAt', 'parameter', 'parameter']);
});
