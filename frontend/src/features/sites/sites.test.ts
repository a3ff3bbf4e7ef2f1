import { describe, expect, test } from 'vitest';
import { useHost, type Site, type User } from '../../host';
import { MemoryHost, nothing } from '../../host/memory';
import { follow } from './draft';
import { levelOn, lines, matching, mayChange, Sites } from './sites.svelte';

function site(id: string, name: string, more: Partial<Site> = {}): Site {
  return {
    id,
    kind: 'website',
    name,
    zone: 'UTC',
    addresses: [],
    settings: { description: '', objectLink: '', offered: true },
    createdAt: 0,
    level: 'super',
    people: 0,
    ...more,
  };
}

test('a form takes over what changed elsewhere, but not what was typed', () => {
  const before = { name: 'Shop', zone: 'UTC' };
  expect(follow({ name: 'Shop', zone: 'Europe/Berlin' }, before, { name: 'Store', zone: 'UTC' })).toEqual({
    name: 'Store',
    zone: 'Europe/Berlin',
  });
});

test('finding sites takes every word, in names, addresses and descriptions', () => {
  const sites = [
    site('1', 'This log'),
    site('2', 'Café', {
      addresses: ['https://cafe.example'],
      settings: { description: 'Ask Cleo', objectLink: '', offered: true },
    }),
  ];
  expect(matching(sites, ' ').length).toBe(2);
  expect(matching(sites, 'CAFE cleo').map((one) => one.id)).toEqual(['2']);
  expect(matching(sites, 'log cleo')).toEqual([]);
});

test('who may change a site, and what level a user has', () => {
  expect(['view', 'write', 'admin', 'super'].map((level) => mayChange(site('1', 'x', { level })))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  const user = { access: [{ site: '2', level: 'admin' }] } as unknown as User;
  expect([levelOn(user, '2'), levelOn(user, '1')]).toEqual(['admin', 'none']);
  expect(lines(' https://a.example \n\n https://b.example')).toEqual(['https://a.example', 'https://b.example']);
});

describe('changes', () => {
  test('leave alone what is not named, and keep how many have access', async () => {
    const host = new MemoryHost(nothing, {
      sites: () => ({ sites: [site('1', 'This log'), site('2', 'Shop', { people: 3 })], seen: ['Mall'] }),
      changeSite: ({ id, name }) => site(id, name ?? '', { people: null }),
      createSite: ({ name }) => site('3', name),
    });
    useHost(host);
    const sites = new Sites();
    await sites.load();
    await sites.change('2', { name: 'Store' });
    expect(host.calls.at(-1)?.input).toEqual({ id: '2', name: 'Store', kind: null, zone: null, addresses: null });
    expect([sites.find('2')?.name, sites.find('2')?.people]).toEqual(['Store', 3]);
    await sites.create({ name: 'Mall', kind: '', zone: '', addresses: [] });
    expect([sites.list?.length, sites.seen]).toEqual([3, []]);
  });

  test('a failed reading is kept to be shown', async () => {
    useHost(new MemoryHost(nothing));
    const sites = new Sites();
    await sites.load();
    expect(sites.list).toBeNull();
    expect(sites.fault?.code).toBe('not_found');
  });
});
