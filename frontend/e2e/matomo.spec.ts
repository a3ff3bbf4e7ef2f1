// A program written for Matomo against this server: piwik-client, the client for
// Node.js that Matomo's documents name. It sends everything in the address.
import PiwikClient from 'piwik-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Log, superUser } from './server';

let log: Log;
let url: URL;

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.record([
    {
      type: 'GoalAdded',
      actor: 'cat',
      occurredAt: '2025-11-20T09:15:00Z',
      parameters: { goal: { id: '7', name: 'Sign-up' } },
    },
    {
      type: 'GoalDeleted',
      actor: 'ben',
      occurredAt: '2025-11-21T10:00:00Z',
      parameters: { goal: { id: '7', name: 'Sign-up' } },
    },
    {
      type: 'GoalAdded',
      actor: 'cat',
      occurredAt: '2025-11-22T10:00:00Z',
      parameters: { goal: { id: '8', name: 'für 日本' } },
    },
  ]);
  url = new URL(await log.serve());
});

afterAll(async () => {
  await log?.remove();
});

/** A client with a token of its own. */
async function client(...args: string[]): Promise<PiwikClient> {
  const token = await log.must(['token', 'create', '--name', 'piwik-client', ...args]);
  const made = new PiwikClient(`${url.origin}/index.php`, token.trim());
  made.settings.apiport = url.port; // it reads the port of an address, and forgets it
  return made;
}

/** Calls a method as the client's users do. */
function call(from: PiwikClient, vars: Record<string, string | number>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    from.api(vars, (problem, answer) => (problem === null ? resolve(answer) : reject(new Error(problem))));
  });
}

test('lists, counts and filters', async () => {
  const piwik = await client('--scope', 'read:all', '--allow-get');
  expect(await call(piwik, { method: 'API.getMatomoVersion' })).toEqual({ value: '5.2.0' });
  const year = { period: 'year', date: '2025-06-01' };
  expect(await call(piwik, { method: 'ActivityLog.getEntryCount', ...year })).toEqual({ value: 3 });
  expect(await call(piwik, { method: 'ActivityLog.getEntries', limit: 1, offset: 1, ...year })).toMatchObject([
    {
      user_login: 'ben',
      type: 'GoalDeleted',
      ts_created: '2025-11-21 10:00:00',
      description: 'deleted the goal "Sign-up"',
      parameters: { goal: { id: '7', name: 'Sign-up' } },
    },
  ]);
  const cats = await call(piwik, {
    method: 'ActivityLog.getEntries',
    filterByUserLogin: 'cat',
    filterByActivityType: 'GoalAdded',
  });
  expect((cats as { description: string }[]).map((entry) => entry.description)).toEqual([
    'added the goal "für 日本"',
    'added the goal "Sign-up"',
  ]);
  const types = (await call(piwik, { method: 'ActivityLog.getAllActivityTypes', filter_limit: -1 })) as {
    key: string;
  }[];
  expect(types.map((type) => type.key)).toContain('GoalAdded');
  expect(await call(piwik, { method: 'UsersManager.getUsersLogin' })).toEqual([superUser.login]);
});

test('is told what is wrong, in words of Matomo', async () => {
  const refused = await client('--scope', 'read:all'); // not for addresses
  await expect(call(refused, { method: 'ActivityLog.getEntries' })).rejects.toThrow(
    'Unable to authenticate with the provided token. It is either invalid, expired or is required to be sent as a POST parameter.',
  );
  const piwik = await client('--scope', 'read:all', '--allow-get');
  await expect(call(piwik, { method: 'ActivityLog.none' })).rejects.toThrow("The method 'none' does not exist");
  await expect(call(piwik, { method: 'VisitsSummary.get' })).rejects.toThrow(
    'The plugin VisitsSummary is not enabled.',
  );
});
