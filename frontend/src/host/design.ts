// The memory host as a whole program, for working on the looks in a browser:
// ?host=memory&rows=10000000&lag=12&first=1. Not part of a build.
import type { Job, Me, Preferences, Session, Settings, User } from './api';
import { features } from './design-features';
import { designSites } from './design-sites';
import { Fault } from './fault';
import { activity, generated, types } from './generate';
import { MemoryHost } from './memory';

const preferences: Preferences = {
  language: '',
  zone: '',
  theme: 'auto',
  density: 'comfortable',
  startView: 'timeline',
  hideOwn: false,
  singleKeys: true,
  timeForm: 'absolute',
  columns: ['source', 'ip'],
};

function user(id: string, login: string, name: string, role: string): User {
  return {
    id,
    login,
    name,
    email: `${login}@example.org`,
    super: role === 'super',
    disabled: false,
    role,
    access: role === 'super' ? [] : [{ site: '1', level: role }],
    createdAt: Date.UTC(2025, 2, 1),
    seenAt: Date.UTC(2026, 10, 23, 8),
    identities: [],
  };
}

/** Makes the host from the address's options. */
export function designHost(options: URLSearchParams): MemoryHost {
  const size = Number(options.get('rows') ?? 100_000);
  const log = generated(size);
  const own = user('1', 'ada', 'Ada Example', options.get('role') ?? 'super');
  const users = [own, user('2', 'bela', 'Béla Példa', 'view'), user('3', 'chika', 'Chika Rei', 'admin')];
  const state = {
    me: {
      user: options.has('first') || options.has('out') ? null : own,
      role: own.role,
      ready: !options.has('first'),
      preferences: { ...preferences },
      host: 'memory',
      version: '0.1.0',
    } as Me,
    settings: {
      gravatar: false,
      language: 'en',
      serve: false,
      port: 8765,
      ipMask: 0,
      doNotTrack: false,
      ingestRequests: 6000,
      ingestRecords: 100_000,
    } as Settings,
    jobs: [] as Job[],
    revision: 1,
  };
  const places = designSites(own.role);
  const session = (): Session => {
    state.me = { ...state.me, user: own, ready: true };
    return { token: '', expiresAt: Date.now() + 900_000, endsAt: Date.now() + 9e7, me: state.me };
  };
  const host: MemoryHost = new MemoryHost(
    log,
    {
      me: () => state.me,
      setUp: session,
      signIn: ({ password }) => {
        if (password === 'wrong') throw new Fault('unauthenticated', 'Login or password is wrong.');
        return session();
      },
      signOut: () => ({ done: true }),
      changePassword: session,
      types: () => ({ types }),
      sites: () => ({
        sites: places.list,
        seen: ['123456789012'],
      }),
      actors: ({ search }) => ({
        actors: Array.from({ length: 9 }, (_, i) => activity(i * 7 + 3, 1000))
          .filter((one, i, all) => all.findIndex((other) => other.actor.id === one.actor.id) === i)
          .filter((one) => one.actor.label.toLowerCase().includes(search.toLowerCase()))
          .map((one) => ({ actor: one.actor, n: 4711 })),
      }),
      ...places.operations,
      settings: () => state.settings,
      configure: (input) => {
        if (input.gravatar !== null) state.settings = { ...state.settings, gravatar: input.gravatar };
        if (input.language !== null) state.settings = { ...state.settings, language: input.language };
        if (input.serve !== null) state.settings = { ...state.settings, serve: input.serve };
        if (input.port !== null) state.settings = { ...state.settings, port: input.port };
        return state.settings;
      },
      preferences: () => state.me.preferences,
      prefer: (input) => {
        const set = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
        state.me = { ...state.me, preferences: { ...state.me.preferences, ...set } };
        return state.me.preferences;
      },
      avatar: () => ({ data: '' }),
      ...features({
        users,
        get jobs() {
          return state.jobs;
        },
        set jobs(jobs) {
          state.jobs = jobs;
        },
        tell: () => host.listeners.tell('jobs', state.jobs),
        make: user,
      }),
      jobs: () => ({ jobs: state.jobs }),
      cancelJob: ({ id }) => {
        state.jobs = state.jobs.map((job) => (job.id === id ? { ...job, state: 'cancelled' } : job));
        host.listeners.tell('jobs', state.jobs);
        return state.jobs[0] as Job;
      },
      record: (draft) => {
        const made = {
          ...activity(log.size, log.size + 1),
          type: draft.type,
          occurredAt: Date.now(),
          id: String(log.size + 1),
        };
        log.push(made);
        host.listeners.tell('changed', { revision: String(++state.revision) });
        return { id: made.id, leaf: '', duplicate: false, recordedAt: made.occurredAt };
      },
      status: () => ({
        version: '0.1.0',
        ready: state.me.ready,
        revision: String(state.revision),
        state: options.get('state') ?? 'verified',
        size: String(log.size),
        verified: Date.now() - 60_000,
        origin: 'activitylog.local/0b0e7f6e-5a31-4c0e-9a53-1f7c2a9e6b10',
        key: 'activitylog.local/0b0e7f6e+5f3a9c1e+AcK1q83vEjRWeJB4Y2xvY2tzdG9wd2F0Y2g',
      }),
    },
    Number(options.get('lag') ?? 12),
  );
  if (options.has('jobs')) startJob(host, state);
  if (options.has('live')) {
    setInterval(() => void host.call('record', { type: 'GoalChanged' }), Number(options.get('live') || 3) * 1_000);
  }
  return host;
}

function startJob(host: MemoryHost, state: { jobs: Job[] }): void {
  const job: Job = {
    id: '1',
    kind: 'import',
    title: 'cloudtrail-2026-11.json',
    state: 'running',
    done: 0,
    total: 120_000,
    unit: 'rows',
    startedAt: Date.now(),
    finishedAt: null,
    report: null,
    error: null,
  };
  state.jobs = [job];
  const timer = setInterval(() => {
    const now = state.jobs[0];
    if (!now || now.state !== 'running') return clearInterval(timer);
    const done = Math.min(now.done + 2_400, 120_000);
    state.jobs = [{ ...now, done, state: done === 120_000 ? 'done' : 'running' }];
    host.listeners.tell('jobs', state.jobs);
  }, 500);
}
