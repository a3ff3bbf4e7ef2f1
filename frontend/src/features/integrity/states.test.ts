import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allStates, stateOf } from './states';

test('every state the program can say has words', () => {
  const source = readFileSync(new URL('../../../../backend/ledger/state.go', import.meta.url), 'utf8');
  const said = [...source.matchAll(/^\t\w+ += "(\w+)"/gm)].map((match) => match[1] ?? '');
  expect(said.length).toBeGreaterThan(5);
  for (const id of said) expect(stateOf(id)?.title, id).toBeTruthy();
  expect(allStates().map((one) => one.id)).toEqual(said);
});

test('a state of a newer program is not guessed', () => {
  expect(stateOf('enchanted')).toBeNull();
});
