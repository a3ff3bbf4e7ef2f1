import { expect, test } from 'vitest';
import type { Job, PastImport } from '../../host';
import { pastStates, stateOf } from './past';

function past(state: string): PastImport {
  return { id: '1', source: 'import:csv/main', state } as unknown as PastImport;
}

function job(kind: string, title: string): Job {
  return { id: '7', kind, title, state: 'running' } as unknown as Job;
}

test('an import whose undoing goes on is not half undone', () => {
  expect(stateOf(past('undoing'), [job('undo', 'import:csv/main')])).toBe('undoingNow');
  expect(pastStates['undoingNow']?.label()).toBe('Being undone');
  expect(stateOf(past('undoing'), [])).toBe('undoing');
});

test('another job says nothing about it', () => {
  const others = [job('import', 'import:csv/main'), job('undo', 'import:git/main')];
  expect(stateOf(past('undoing'), others)).toBe('undoing');
  expect(stateOf(past('done'), [job('undo', 'import:csv/main')])).toBe('done');
});
