import { expect, test } from 'vitest';
import { Fault, useHost, type Job, type Schedule } from '../../host';
import { MemoryHost, nothing, type Answers } from '../../host/memory';
import { Following } from './following.svelte';
import { Importing } from './importing.svelte';

const server = { address: 'https://stats.example.org/', token: 'a1b2', all: false };
const one: Schedule = {
  name: 'main',
  address: server.address,
  minutes: 15,
  by: 'ann',
  savedAt: 1,
  ranAt: null,
  state: '',
  new: 0,
  error: '',
};

function answer(answers: Answers): MemoryHost {
  const host = new MemoryHost(nothing, answers);
  useHost(host);
  return host;
}

test('a server that is followed is saved with its token, then read by its name', async () => {
  const host = answer({
    importPreview: () => ({
      format: 'matomo-server',
      source: 'import:matomo/main',
      read: 0,
      items: [],
      rejections: [],
      columns: [],
      mapping: null,
    }),
    saveSchedule: () => one,
    runSchedule: () => ({ id: '7' }) as Job,
  });
  const importing = new Importing();
  await importing.connect(server);
  importing.every = '15';
  expect(await importing.start()).toEqual({ id: '7' });
  const calls = host.calls.filter((call) => call.op.endsWith('Schedule'));
  expect(calls.map((call) => [call.op, call.input])).toEqual([
    ['saveSchedule', { name: '', address: server.address, token: 'a1b2', minutes: 15 }],
    ['runSchedule', { name: 'main' }],
  ]);
  expect(importing.server).toBeNull();
  expect(importing.every).toBe('0');
});

test('a server that is being read already counts as begun', async () => {
  answer({
    importPreview: () => ({
      format: 'matomo-server',
      source: 'import:matomo/main',
      read: 0,
      items: [],
      rejections: [],
      columns: [],
      mapping: null,
    }),
    saveSchedule: () => one,
    runSchedule: () => {
      throw new Fault('conflict', 'It is being read at the moment.', '');
    },
  });
  const importing = new Importing();
  await importing.connect(server);
  importing.every = '5';
  expect(await importing.start()).toBeNull();
  expect(importing.fault).toBeNull();
  expect(importing.server).toBeNull();
});

test('the list loses what is stopped, and keeps what is refused', async () => {
  answer({ schedules: () => ({ schedules: [one] }), removeSchedule: () => one });
  const following = new Following();
  await following.load();
  expect(following.list).toEqual([one]);
  await following.stop('main');
  expect(following.list).toEqual([]);
  answer({
    schedules: () => ({ schedules: [one] }),
    runSchedule: () => {
      throw new Fault('not_found', 'The token is not there any more.', 'token');
    },
  });
  await following.load();
  expect(await following.read('main')).toBeNull();
  expect(following.fault).toMatchObject({ code: 'not_found' });
  expect(following.list).toEqual([one]);
});
