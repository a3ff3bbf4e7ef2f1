// What the memory host answers for the features, to work on looks. Not part of a build.
import type { APIToken, Identity, Job, Report, User, Verification, Widget } from './api';
import { Fault } from './fault';
import { activity } from './generate';
import type { Answers } from './memory';

interface State {
  users: User[];
  jobs: Job[];
  tell: () => void;
  make: (id: string, login: string, name: string, level: string) => User;
}

/** The answers over a state that design.ts keeps. */
export function features(state: State): Answers {
  const change = (id: string, set: Partial<User>): User => {
    const at = state.users.findIndex((user) => user.id === id);
    const found = state.users[at];
    if (!found) throw new Fault('not_found', 'There is no such user.');
    const last = found.super && state.users.filter((user) => user.super && !user.disabled).length === 1;
    if (last && (set.super === false || set.disabled)) {
      throw new Fault('conflict', 'This is the last super user. Make somebody else a super user first.');
    }
    const made = { ...found, ...set };
    const level = made.access[0]?.level ?? 'none';
    state.users[at] = { ...made, role: made.super ? 'super' : level };
    return state.users[at];
  };
  const tokens: APIToken[] = [token('2', 'warehouse', ['ingest']), token('1', 'dashboard', ['read:all'])];
  const widgets: Widget[] = [];
  const changeToken = (id: string, set: Partial<APIToken>): APIToken => {
    const at = tokens.findIndex((one) => one.id === id);
    const found = tokens[at];
    if (!found) throw new Fault('not_found', 'There is no such token.');
    return (tokens[at] = { ...found, ...set });
  };
  return {
    plugins: () => ({ plugins: [] }),
    tokens: () => ({ tokens: [...tokens] }),
    createToken: (input) => {
      if (input.scopes.length === 0) throw new Fault('invalid', 'A token needs at least one scope.', 'scopes');
      const made = { ...token(String(tokens.length + 1), input.name, input.scopes), ...input, seenAt: null };
      tokens.unshift(made);
      return { token: made, secret: `al_${'0'.repeat(49)}` };
    },
    changeToken: ({ id, name, scopes, allowGet, expiresAt }) =>
      changeToken(id, {
        ...(name === null ? {} : { name }),
        ...(scopes === null ? {} : { scopes }),
        ...(allowGet === null ? {} : { allowGet }),
        ...(expiresAt === null ? {} : { expiresAt: expiresAt || null }),
      }),
    views: () => ({ views: [] }),
    widgets: () => ({ widgets: [...widgets] }),
    createWidget: ({ expiresAt, ...input }) => {
      const made = {
        ...input,
        id: String(widgets.length + 1),
        createdAt: Date.now(),
        token: { ...token('9', input.name, ['widget']), expiresAt },
      };
      widgets.unshift(made);
      return { widget: made, secret: `al_${'0'.repeat(49)}` };
    },
    revokeToken: ({ id }) => changeToken(id, { revokedAt: Date.now(), state: 'revoked' }),
    users: () => ({ users: [...state.users] }),
    createUser: (input) => {
      if (state.users.some((user) => user.login === input.login))
        throw new Fault('conflict', 'This login is taken.', 'login');
      if (input.password.length < 12)
        throw new Fault('invalid', 'A password needs at least 12 characters.', 'password');
      const made = state.make(String(state.users.length + 1), input.login, input.name, input.level || 'view');
      state.users.push({ ...made, email: input.email, seenAt: null });
      return made;
    },
    changeUser: ({ id, name, email, disabled }) =>
      change(id, {
        ...(name === null ? {} : { name }),
        ...(email === null ? {} : { email }),
        ...(disabled === null ? {} : { disabled }),
      }),
    grantSuper: ({ id, super: to }) => change(id, { super: to }),
    setAccess: ({ id, site, level }) => change(id, { access: level === 'none' ? [] : [{ site, level }] }),
    linkActor: ({ actor, user }) => {
      for (const one of state.users) one.identities = one.identities.filter((identity) => identity.actor !== actor);
      const owner = state.users.find((one) => one.id === user);
      const identity: Identity = { actor, kind: 'user', source: 'import:cloudtrail/main', name: `actor ${actor}` };
      if (owner) owner.identities = [...owner.identities, identity];
      return { done: true };
    },
    removeUser: ({ id }) => {
      change(id, { disabled: true });
      state.users.splice(
        state.users.findIndex((user) => user.id === id),
        1,
      );
      return { done: true };
    },
    importPreview: ({ format, name }) => {
      if (format === 'git') throw new Fault('invalid', 'The format git needs a folder with a git history.', 'format');
      const as = format === 'auto' ? 'cloudtrail' : format;
      return {
        format: as,
        source: `import:${as}/${name || 'main'}`,
        columns: [],
        mapping: null,
        read: 24,
        items: Array.from({ length: 20 }, (_, i) => ({ ...activity(i * 5, 1000), id: '' })),
        rejections: [
          {
            file: 'trail-2.json',
            line: 7,
            reason: 'this is not a CloudTrail record: it has no eventName or no eventTime',
          },
        ],
      };
    },
    import: ({ handles }) => {
      const job = running('import', handles.join(', '), 48_000);
      state.jobs.unshift(job);
      advance(state, job.id);
      return job;
    },
    export: ({ format }) => {
      const job = running('export', `activity-2026-11-23.${format}`, 48_000);
      state.jobs.unshift(job);
      advance(state, job.id);
      return { ticket: 't', name: job.title, manifest: 'm' };
    },
    verify: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return verification(new URLSearchParams(location.search).get('state') ?? 'verified');
    },
  };
}

function running(kind: string, title: string, total: number): Job {
  const startedAt = Date.now();
  return {
    id: String(startedAt),
    kind,
    title,
    state: 'running',
    done: 0,
    total,
    unit: 'rows',
    startedAt,
    finishedAt: null,
    report: null,
    error: null,
  };
}

function advance(state: State, id: string): void {
  const timer = setInterval(() => {
    const at = state.jobs.findIndex((job) => job.id === id);
    const job = state.jobs[at];
    if (!job || job.state !== 'running' || job.total === null) return clearInterval(timer);
    const done = Math.min(job.total, job.done + 6_000);
    const over = done === job.total;
    state.jobs = state.jobs.with(at, {
      ...job,
      done,
      state: over ? 'done' : 'running',
      finishedAt: over ? Date.now() : null,
      report: over && job.kind === 'import' ? report(job.total) : null,
    });
    state.tell();
  }, 400);
}

function report(read: number): Report {
  return {
    source: 'import:cloudtrail/main',
    format: 'cloudtrail',
    read,
    new: read - 3_213,
    duplicate: 3_210,
    erased: 0,
    conflicting: 1,
    cut: 2,
    rejected: 2,
    skipped: 0,
    rejections: [
      { file: 'trail-2.json', line: 7, reason: 'this is not a CloudTrail record: it has no eventName or no eventTime' },
      { file: 'trail-2.json', line: 4_711, reason: 'Byte 118 is not valid UTF-8.' },
    ],
    conflicts: [
      { file: 'trail-1.json', line: 12, reason: 'Activity 4,102 has the same external id and other content.' },
    ],
    oldest: Date.UTC(2026, 0, 4),
    newest: Date.UTC(2026, 10, 23),
  };
}

function verification(state: string): Verification {
  const problems =
    state === 'altered'
      ? [
          {
            kind: 'commitment',
            table: 'activity',
            column: 'body',
            seq: 4_101,
            text: 'The stored body does not hash to its commitment.',
          },
          {
            kind: 'slot',
            table: 'slot_actor',
            column: 'n',
            seq: null,
            text: 'The slot of 23 Nov 2026, 08:15 says 7 activities; there are 6.',
          },
        ]
      : [];
  return {
    state,
    size: '100000',
    root: 'q83vEjRWeJA=',
    sealed: state === 'unsealed' ? '99998' : '100000',
    at: Date.now(),
    entries: 100_000,
    activities: 99_998,
    erased: 2,
    millis: 940,
    wordMillis: null,
    fileMillis: 3,
    problems,
    more: 0,
    key: 'activitylog.local/0b0e7f6e+5f3a9c1e+AcK1q83vEjRWeJB4Y2xvY2s',
    checkpoint: 'activitylog.local/0b0e7f6e\n100000\nq83vEjRWeJA=\n\n— activitylog.local/0b0e7f6e XzqcHq83vEjRWeJA\n',
  };
}

function token(id: string, name: string, scopes: string[]): APIToken {
  return {
    id,
    name,
    scopes,
    allowGet: false,
    widget: null,
    user: '1',
    maker: 'ann',
    createdAt: Date.now() - 86_400_000,
    expiresAt: Date.now() + 60 * 86_400_000,
    seenAt: Date.now() - 600_000,
    revokedAt: null,
    state: 'active',
  };
}
