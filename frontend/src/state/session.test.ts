// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { Fault, useHost, type Me } from '../host';
import { MemoryHost, nothing } from '../host/memory';
import { session } from './session.svelte';

const preferences = {
  language: 'en',
  zone: '',
  theme: 'auto',
  density: 'comfortable',
  startView: 'timeline',
  hideOwn: false,
  singleKeys: true,
  timeForm: 'absolute',
  columns: [],
};

function me(): Me {
  const user = { id: '1', login: 'ann', email: '', name: '', super: true, disabled: false, role: 'super', access: [] };
  return {
    ready: true,
    role: 'super',
    user: { ...user, createdAt: 0, seenAt: null, identities: [] },
    preferences,
  } as unknown as Me;
}

test('a preference shows at once and goes back where it is refused', async () => {
  useHost(
    new MemoryHost(nothing, {
      me,
      prefer: () => {
        throw new Fault('unavailable', 'Not now.');
      },
    }),
  );
  await session.start();
  const done = session.prefer({ theme: 'dark' });
  expect(session.preferences?.theme).toBe('dark');
  await expect(done).rejects.toThrow('Not now.');
  expect([session.preferences?.theme, session.phase]).toEqual(['auto', 'in']);
});

test('a preference refused because the session is over does not bring the session back', async () => {
  useHost(
    new MemoryHost(nothing, {
      me,
      prefer: () => {
        // As the host does once it hears that nobody is signed in.
        session.end(true);
        throw new Fault('unauthenticated', 'Sign in.');
      },
    }),
  );
  await session.start();
  await expect(session.prefer({ theme: 'dark' })).rejects.toThrow('Sign in.');
  expect([session.phase, session.me, session.expired]).toEqual(['out', null, true]);
});
