import { describe, expect, test } from 'vitest';
import type { ParamInfo, TypeInfo } from '../../host';
import { blames, blank, build, check, instant, lines, value } from './draft';

const zone = 'Europe/Berlin';

function parameter(name: string, kind: string, more: Partial<ParamInfo> = {}): ParamInfo {
  return { name, label: name, kind, required: false, secret: false, ...more };
}

function type(...parameters: ParamInfo[]): TypeInfo {
  return {
    id: 'GoalAdded',
    label: 'Goal added',
    category: 'goals',
    categoryLabel: 'Goals',
    icon: 'target',
    tone: 'create',
    parameters,
    known: true,
    recordable: true,
  };
}

describe('build', () => {
  test('sends the type alone where nothing else was filled in', () => {
    expect(build(blank(), type(parameter('pattern', 'text')), zone)).toEqual({ type: 'GoalAdded' });
  });

  test.each([
    ['text', 'Sign-up ', 'Sign-up'],
    ['number', '8.5', 8.5],
    ['number', '0012', '0012'],
    ['number', '9007199254740993', '9007199254740993'],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['date', '2026-11-23', '2026-11-23'],
    ['list', 'one\n\n two ', ['one', 'two']],
    ['entity', 'Sign-up', { name: 'Sign-up' }],
  ])('makes %s of %j', (kind, text, wanted) => {
    const filled = { ...blank(), parameters: { p: text } };
    expect(build(filled, type(parameter('p', kind)), zone).parameters).toEqual({ p: wanted });
  });

  test('gives an entity its id', () => {
    const filled = { ...blank(), parameters: { goal: 'Sign-up' }, ids: { goal: ' 7 ' } };
    expect(build(filled, type(parameter('goal', 'entity')), zone).parameters).toEqual({
      goal: { id: '7', name: 'Sign-up' },
    });
  });

  test('leaves the spaces of a secret alone, and only of a secret', () => {
    const filled = { ...blank(), parameters: { key: ' abc ', name: ' abc ' } };
    const both = type(parameter('key', 'text', { secret: true }), parameter('name', 'text'));
    expect(build(filled, both, zone).parameters).toEqual({ key: ' abc ', name: 'abc' });
  });

  test('leaves out what another type had', () => {
    const filled = { ...blank(), parameters: { old: 'x', kept: 'y' } };
    expect(build(filled, type(parameter('kept', 'text')), zone).parameters).toEqual({ kept: 'y' });
  });

  test('adds time, site, result, actor, object and changes', () => {
    const filled = {
      ...blank(),
      when: '2026-11-23T09:15',
      site: '1',
      result: 'denied',
      actor: ' bob ',
      object: { kind: 'goal', id: '7', name: '' },
      changes: [
        { field: 'name', old: '', new: 'Sign-up' },
        { field: ' ', old: '', new: '' },
      ],
    };
    expect(build(filled, type(), zone)).toEqual({
      type: 'GoalAdded',
      occurredAt: '2026-11-23T09:15:00+01:00',
      site: '1',
      result: 'denied',
      actor: 'bob',
      object: { kind: 'goal', id: '7', name: '' },
      changes: [{ field: 'name', old: null, new: 'Sign-up' }],
    });
  });
});

describe('check', () => {
  const goal = type(
    parameter('goal', 'entity', { required: true }),
    parameter('revenue', 'number'),
    parameter('note', 'text'),
  );

  test('finds nothing where all is well', () => {
    expect(check({ ...blank(), parameters: { goal: 'Sign-up', revenue: '8.20' } }, goal, zone)).toEqual({});
  });

  test('names every field that is wrong, at once', () => {
    const filled = {
      ...blank(),
      when: 'soon',
      parameters: { revenue: 'much' },
      changes: [{ field: '', old: 'a', new: 'b' }],
    };
    expect(check(filled, goal, zone)).toEqual({
      'parameters.goal': 'required',
      'parameters.revenue': 'number',
      occurredAt: 'date',
      'changes.0': 'required',
    });
  });

  test('an entity with an id needs its name too', () => {
    const optional = type(parameter('goal', 'entity'));
    expect(check({ ...blank(), ids: { goal: '7' } }, optional, zone)).toEqual({ 'parameters.goal': 'required' });
    expect(check(blank(), optional, zone)).toEqual({});
  });

  test('asks for a type first', () => {
    expect(check(blank(), undefined, zone)).toEqual({ type: 'required' });
  });
});

test('times carry the offset of the zone on that day', () => {
  expect(instant('2026-07-01T12:00', zone)).toBe('2026-07-01T12:00:00+02:00');
  expect(instant('2026-12-01T12:00:30', zone)).toBe('2026-12-01T12:00:30+01:00');
  expect(instant('2026-12-01T12:00', 'UTC')).toMatch(/^2026-12-01T12:00:00(Z|\+00:00)$/);
  expect(instant('yesterday', zone)).toBeNull();
});

test('values of changes become what they look like', () => {
  expect(['', 'true', '12', '012', ' text '].map(value)).toEqual([null, true, 12, '012', ' text ']);
});

test('lines drop what is empty', () => {
  expect(lines(' a \n\n\tb')).toEqual(['a', 'b']);
});

test('a fault blames a field by its name or a part of it', () => {
  expect(blames('parameters.goal.name', 'parameters.goal')).toBe(true);
  expect(blames('parameters.goal', 'parameters.goal')).toBe(true);
  expect(blames('parameters.goals', 'parameters.goal')).toBe(false);
});
