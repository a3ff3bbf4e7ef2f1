// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import { Fault, useHost, type Job, type Manifest, type Ticket } from '../../host';
import { MemoryHost, nothing, type Answers } from '../../host/memory';
import { live } from '../../state/live.svelte';
import { columns, formats, ordered, usual } from './columns';
import { Exporting } from './exporting.svelte';

const ticket: Ticket = { ticket: 't', name: 'activity-2026-11-23.csv', manifest: 'm' };
const manifest = { sha256: 'ab' } as Manifest;

let host: MemoryHost;

function answer(answers: Answers): void {
  host = new MemoryHost(nothing, answers);
  useHost(host);
}

function job(id: string, state: string, title = ticket.name): Job {
  return { id, kind: 'export', title, state } as Job;
}

beforeEach(() => {
  live.jobs = [];
  answer({ count: () => ({ n: 3, exact: true }), export: () => ticket, jobs: () => ({ jobs: [...live.jobs] }) });
});

test('what is asked for is exported', async () => {
  const exporting = new Exporting('actor:ann');
  exporting.zone = 'Asia/Tokyo';
  await exporting.ask(new AbortController().signal);
  expect(exporting.count?.n).toBe(3);
  exporting.format = 'sqlite';
  exporting.columns = ['id', 'ip'];
  await exporting.start();
  const asked = (op: string) => host.calls.filter((call) => call.op === op).map((call) => call.input);
  expect(asked('count')).toEqual([{ query: 'actor:ann', zone: 'Asia/Tokyo', exact: true }]);
  expect(asked('export')).toEqual([
    { query: 'actor:ann', zone: 'Asia/Tokyo', format: 'sqlite', columns: ['id', 'ip'] },
  ]);
});

test('a download is complete once its manifest is there', async () => {
  const exporting = new Exporting('');
  expect(exporting.state).toBe('asking');
  await exporting.start();
  expect(exporting.state).toBe('running');
  host.manifests.get('m')?.(manifest);
  await vi.waitFor(() => expect(exporting.state).toBe('done'));
  expect(exporting.manifest).toEqual(manifest);
});

test('a download that is broken off says so, and can be tried again', async () => {
  host.manifest = () => Promise.reject(new Fault('unavailable', 'The export was broken off.'));
  const exporting = new Exporting('');
  await exporting.start();
  await vi.waitFor(() => expect(exporting.state).toBe('failed'));
  expect(exporting.broken).toBe('The export was broken off.');
  exporting.again();
  expect(exporting.state).toBe('asking');
});

test('its job is the one of its name that began after it', async () => {
  live.jobs = [job('7', 'done')];
  const exporting = new Exporting('');
  await exporting.start();
  expect(exporting.job).toBeUndefined();
  live.jobs = [job('9', 'running', 'other.csv'), job('8', 'running'), job('7', 'done')];
  expect(exporting.job?.id).toBe('8');
  live.jobs = [job('8', 'cancelled')];
  expect(exporting.state).toBe('cancelled');
});

test('a refusal reaches the form, and nothing has begun', async () => {
  answer({
    export: () => {
      throw new Fault('invalid', 'There is no column.', 'columns');
    },
  });
  const exporting = new Exporting('');
  await expect(exporting.start()).rejects.toMatchObject({ field: 'columns' });
  expect(exporting.state).toBe('asking');
});

test('the usual columns are among all, in their order', () => {
  const names = columns.map((column) => column.name);
  expect(new Set(names).size).toBe(names.length);
  for (const format of formats) {
    expect(names).toEqual(expect.arrayContaining(usual(format)));
  }
  expect(ordered(['ip', 'id', 'nosuch'])).toEqual(['id', 'ip']);
  expect(usual('ndjson')).toEqual([]);
});
