import { expect, test } from 'vitest';
import { grouped, most, narrow, type Option } from './combobox';

const options: Option[] = [
  { value: 'GoalAdded', label: 'Goal added', detail: 'GoalAdded', group: 'Goals' },
  { value: 'GoalDeleted', label: 'Goal deleted', detail: 'GoalDeleted', group: 'Goals' },
  { value: 'UserCreated', label: 'User created', detail: 'UserCreated', group: 'Users' },
  { value: 'Zone', label: 'São Paulo', detail: 'UTC-3' },
];

test('nothing typed narrows nothing', () => {
  expect(narrow(options, ' ')).toEqual(options);
});

test.each([
  ['goal', ['GoalAdded', 'GoalDeleted']],
  ['del', ['GoalDeleted']],
  ['usercr', ['UserCreated']],
  ['sao', ['Zone']],
  ['utc-3', ['Zone']],
  ['users', ['UserCreated']],
  ['nothing at all', []],
])('%s finds %j', (typed, wanted) => {
  expect(narrow(options, typed).map((one) => one.value)).toEqual(wanted);
});

test('a list ends somewhere', () => {
  const many = Array.from({ length: most + 50 }, (_, i) => ({ value: String(i), label: `Option ${i}` }));
  expect(narrow(many, '').length).toBe(most);
});

test('groups keep the place of each option in the whole list', () => {
  const sections = grouped(options);
  expect(sections.map((section) => [section.group, section.options.map((one) => one.index)])).toEqual([
    ['Goals', [0, 1]],
    ['Users', [2]],
    ['', [3]],
  ]);
});
