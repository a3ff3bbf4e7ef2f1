import { describe, expect, test } from 'vitest';
import { useHost, type ActorInfo, type User } from '../../host';
import { MemoryHost, nothing } from '../../host/memory';
import { linkable, options } from './actors.svelte';
import { levelOf, matching, nameOf, Users } from './users.svelte';

function user(id: string, login: string, more: Partial<User> = {}): User {
  return {
    id,
    login,
    email: `${login}@example.org`,
    name: '',
    super: false,
    disabled: false,
    role: 'view',
    access: [{ site: '1', level: 'view' }],
    createdAt: 0,
    seenAt: null,
    identities: [],
    ...more,
  };
}

function actor(id: string, source: string, name: string): ActorInfo {
  return { actor: { id, kind: 'user', source, name, user: null, label: name }, n: 3 };
}

test('a user is called by name, or else by login', () => {
  expect(nameOf(user('1', 'ann', { name: 'Ann Archer' }))).toBe('Ann Archer');
  expect(nameOf(user('1', 'ann'))).toBe('ann');
});

test('the level is that on this log', () => {
  expect(levelOf(user('1', 'ann', { access: [{ site: '2', level: 'admin' }] }))).toBe('none');
  expect(levelOf(user('1', 'ann', { access: [{ site: '1', level: 'write' }] }))).toBe('write');
});

test('finding users takes every word, in any case and without accents', () => {
  const users = [user('1', 'ann', { name: 'Ann Archer' }), user('2', 'bela', { name: 'Béla Példa' })];
  expect(matching(users, ' ').length).toBe(2);
  expect(matching(users, 'PELDA bela').map((one) => one.id)).toEqual(['2']);
  expect(matching(users, 'ann pelda')).toEqual([]);
});

describe('changes', () => {
  test('leave alone what is not named, and take over the answer', async () => {
    const host = new MemoryHost(nothing, {
      users: () => ({ users: [user('1', 'ann'), user('2', 'bob')] }),
      changeUser: ({ id, name }) => user(id, 'bob', { name: name ?? '' }),
    });
    useHost(host);
    const users = new Users();
    await users.load();
    await users.change('2', { name: 'Bob' });
    expect(host.calls.at(-1)?.input).toEqual({ id: '2', name: 'Bob', email: null, password: null, disabled: null });
    expect(users.list?.map((one) => one.name)).toEqual(['', 'Bob']);
  });

  test('stay, whatever was asked for before them answers', async () => {
    const before = [user('1', 'ann'), user('2', 'bob')];
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let slow = false;
    useHost(
      new MemoryHost(nothing, {
        users: async () => {
          if (slow) await held;
          return { users: before };
        },
        changeUser: ({ id, name }) => user(id, 'bob', { name: name ?? '' }),
      }),
    );
    const users = new Users();
    await users.load();
    slow = true;
    const late = users.load();
    await users.change('2', { name: 'Bob' });
    answer();
    await late;
    expect(users.find('2')?.name).toBe('Bob');
  });

  test('a failed reading is kept to be shown', async () => {
    useHost(new MemoryHost(nothing));
    const users = new Users();
    await users.load();
    expect(users.list).toBeNull();
    expect(users.fault?.code).toBe('not_found');
  });
});

test('only actors from elsewhere can be linked, listed by their source', () => {
  const found = linkable([actor('1', 'self', 'ann'), actor('2', 'import:git/x', 'ann'), actor('3', 'cli', 'root')]);
  expect(found.map((one) => one.actor.id)).toEqual(['2', '3']);
  expect(options(found, () => '3 times').map((one) => [one.group, one.label])).toEqual([
    ['cli', 'root'],
    ['import:git/x', 'ann'],
  ]);
});
