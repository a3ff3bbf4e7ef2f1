// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from './api';
import { toFault } from './fault';
import { HttpHost } from './http';
import { WailsHost } from './wails';

function answer(status: number, body: unknown): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
}

function store(initial: Record<string, string> = {}) {
  const map = new Map(Object.entries(initial));
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

function make(fetch: (url: string, init: RequestInit) => Promise<Response>, initial: Record<string, string> = {}) {
  const storage = store(initial);
  const spy = vi.fn(fetch);
  const host = new HttpHost({ fetch: spy as never, storage, now: () => Date.now() });
  return { host, storage, fetch: spy };
}

const session = (token: string, expiresAt: number) =>
  ({ token, expiresAt, endsAt: expiresAt, me: null }) as never as Session;

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('over HTTP', () => {
  it('posts JSON to the operation and sends the token', async () => {
    const { host, fetch } = make(() => Promise.resolve(answer(200, { n: 3, exact: true })));
    host.keep(session('t1', 2_000_000));
    expect(await host.call('count', { query: 'x', zone: '', exact: false })).toEqual({ n: 3, exact: true });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe('/api/v1/count');
    expect(init?.headers).toMatchObject({ 'Content-Type': 'application/json', Authorization: 'Bearer t1' });
    expect(init?.body).toBe('{"query":"x","zone":"","exact":false}');
  });

  it.each([
    [400, { code: 'invalid', message: 'Column 1: no', field: 'query' }, 'invalid', 'query'],
    [403, { code: 'denied', message: 'no', field: '' }, 'denied', ''],
    [404, '<html>', 'not_found', ''],
    [429, { code: 'unavailable', message: 'later', field: '' }, 'unavailable', ''],
    [502, 'Bad gateway', 'internal', ''],
    [500, { hello: 1 }, 'internal', ''],
  ])('maps %i %j', async (status, body, code, field) => {
    const { host } = make(() => Promise.resolve(answer(status, body)));
    await expect(host.call('status', {})).rejects.toMatchObject({ code, field });
  });

  it('says when nobody answers, and when somebody does again', async () => {
    let up = false;
    const { host } = make(() => (up ? Promise.resolve(answer(200, {})) : Promise.reject(new TypeError('failed'))));
    const seen: boolean[] = [];
    host.subscribe('connection', (connected) => seen.push(connected));
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'offline' });
    up = true;
    await host.call('status', {});
    expect(seen).toEqual([false, true]);
  });

  it('tells a cancelled call from a failed one', async () => {
    const { host } = make(() => Promise.reject(new DOMException('stop', 'AbortError')));
    const lost = vi.fn();
    host.subscribe('connection', lost);
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'aborted' });
    expect(lost).not.toHaveBeenCalled();
  });

  it('forgets a refused session and says so, but not for a wrong password', async () => {
    const { host, storage } = make(() =>
      Promise.resolve(answer(401, { code: 'unauthenticated', message: 'x', field: '' })),
    );
    const out = vi.fn();
    host.subscribe('signedOut', out);
    host.keep(session('t1', 2_000_000));
    await expect(host.call('signIn', { login: 'a', password: 'b' })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(out).not.toHaveBeenCalled();
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(out).toHaveBeenCalledOnce();
    expect(storage.map.size).toBe(0);
  });

  it('renews a minute before the end, and goes on with the new token', async () => {
    const { host, fetch, storage } = make((url) =>
      Promise.resolve(
        answer(200, url.endsWith('/renew') ? { token: 't2', expiresAt: 3_000_000, endsAt: 9e9, me: null } : {}),
      ),
    );
    host.keep(session('t1', 1_300_000));
    await vi.advanceTimersByTimeAsync(239_000);
    expect(fetch).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fetch.mock.calls[0]?.[0]).toBe('/api/v1/renew');
    await host.call('status', {});
    expect(fetch.mock.calls.at(-1)?.[1].headers).toMatchObject({ Authorization: 'Bearer t2' });
    expect(storage.getItem('activitylog.session')).toContain('t2');
  });

  it('takes a kept session up, but no expired one', async () => {
    const kept = (expiresAt: number) => ({ 'activitylog.session': JSON.stringify({ token: 't', expiresAt }) });
    const good = make(() => Promise.resolve(answer(200, {})), kept(2_000_000));
    await good.host.call('me', {});
    expect(good.fetch.mock.calls[0]?.[1].headers).toMatchObject({ Authorization: 'Bearer t' });
    const old = make(() => Promise.resolve(answer(200, {})), kept(999_999));
    await old.host.call('me', {});
    expect(old.fetch.mock.calls[0]?.[1].headers).not.toHaveProperty('Authorization');
  });

  /** A server that streams: `say` sends a line, `end` ends the answer. */
  function streaming() {
    const asked: string[] = [];
    let control: ReadableStreamDefaultController<Uint8Array> | undefined;
    const made = make((url, init) => {
      if (!url.endsWith('/live')) return Promise.resolve(answer(200, {}));
      asked.push((JSON.parse(init.body as string) as { since: string }).since);
      const body = new ReadableStream<Uint8Array>({ start: (c) => void (control = c) });
      return Promise.resolve(new Response(body));
    });
    const say = async (text: string) => {
      control?.enqueue(new TextEncoder().encode(text));
      await vi.advanceTimersByTimeAsync(10);
    };
    return { ...made, asked, say, end: () => control?.close() };
  }

  it('hears of changes and jobs line by line, however they are cut', async () => {
    const { host, say } = streaming();
    host.keep(session('t', 9_000_000));
    const changed = vi.fn();
    const jobs = vi.fn();
    host.subscribe('changed', changed);
    host.subscribe('jobs', jobs);
    await vi.advanceTimersByTimeAsync(10);
    await say('{"revision":"a","jobs":null,"error":null}\n\n{"revision":"b","jo');
    expect(changed).toHaveBeenCalledExactlyOnceWith({ revision: 'a' });
    await say('bs":null,"error":null}\n{"revision":null,"jobs":[{"id":"1"}],"error":null}\n');
    expect(changed).toHaveBeenLastCalledWith({ revision: 'b' });
    expect(jobs).toHaveBeenCalledExactlyOnceWith([{ id: '1' }]);
  });

  it('comes back with what it knows when the stream ends, and not once nobody listens', async () => {
    const { host, say, end, asked } = streaming();
    host.keep(session('t', 9_000_000));
    const stop = host.subscribe('changed', () => undefined);
    await vi.advanceTimersByTimeAsync(10);
    await say('{"revision":"a","jobs":null,"error":null}\n');
    end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual(['', 'a']);
    stop();
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(2);
  });

  it('follows only while somebody is signed in', async () => {
    const { host, asked } = streaming();
    host.subscribe('changed', () => undefined);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toEqual([]);
    host.keep(session('t', 9_000_000));
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toEqual(['']);
    host.keep(null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
  });

  it('uploads bytes under a name that any header takes', async () => {
    const { host, fetch } = make(() =>
      Promise.resolve(answer(200, { id: 'h', name: 'ü.json', size: 2, folder: false })),
    );
    await host.upload(new File(['{}'], 'ü x.json'));
    expect(fetch.mock.calls[0]?.[1].headers).toMatchObject({
      'Content-Type': 'application/octet-stream',
      'X-File-Name': '%C3%BC%20x.json',
    });
  });
});

describe('in the window', () => {
  let systemIsDark = false;
  const resolve = vi.fn();

  function open(methods: Record<string, (...args: unknown[]) => Promise<unknown>>) {
    const events = new Map<string, (...data: unknown[]) => void>();
    const page = {
      go: { main: { App: methods } },
      runtime: {
        EventsOn: (name: string, on: (...data: unknown[]) => void) => {
          events.set(name, on);
          return () => undefined;
        },
        ResolveFilePaths: resolve,
      },
      addEventListener: window.addEventListener.bind(window),
      matchMedia: () => ({ matches: systemIsDark }),
      requestAnimationFrame: (run: () => void) => run(),
    };
    return { host: new WailsHost(page as never), events };
  }

  it('calls the bound method of the operation', async () => {
    const list = vi.fn(() => Promise.resolve({ items: [], next: null, previous: null }));
    const { host } = open({ List: list });
    const input = { query: '', zone: '', order: '', at: null, cursor: '', limit: 1 };
    expect(await host.call('list', input)).toEqual({ items: [], next: null, previous: null });
    expect(list).toHaveBeenCalledExactlyOnceWith(input);
  });

  it('makes faults of what Go rejects with', async () => {
    // So does Wails' runtime (Callback in calls.js): whatever Go says becomes the text of an Error.
    const reject = (said: unknown) => () => Promise.reject(new Error(said as string));
    const { host } = open({
      Status: reject('{"code":"denied","message":"no","field":""}'),
      Me: reject('{"code":"conflict","message":"twice","field":"login"}'),
      Sites: reject("method 'main.App.Sites' not registered"),
    });
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'denied', message: 'no' });
    await expect(host.call('me', {})).rejects.toMatchObject({ code: 'conflict', message: 'twice', field: 'login' });
    await expect(host.call('sites', {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('not registered') as never,
    });
    await expect(host.call('types', {})).rejects.toMatchObject({ code: 'internal' });
  });

  it('says that the session is over, but not for a wrong password', async () => {
    const over = () => Promise.reject(new Error('{"code":"unauthenticated","message":"Sign in.","field":""}'));
    const { host } = open({ SignIn: over, List: over });
    const out = vi.fn();
    host.subscribe('signedOut', out);
    await expect(host.call('signIn', { login: 'a', password: 'b' })).rejects.toMatchObject({ message: 'Sign in.' });
    expect(out).not.toHaveBeenCalled();
    await expect(host.call('list', {} as never)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(out).toHaveBeenCalledOnce();
  });

  it('tells the window how dark the page is', () => {
    const theme = vi.fn(() => Promise.resolve());
    const { host } = open({ Theme: theme });
    host.paint('dark');
    host.paint('light');
    host.paint('auto');
    systemIsDark = true;
    host.paint('auto');
    host.paint('light');
    expect(theme.mock.calls).toEqual([
      ['dark', true],
      ['light', false],
      ['auto', false],
      ['auto', true],
      ['light', false],
    ]);
  });

  it('hands on that the window is closing, and the answer', () => {
    const leave = vi.fn(() => Promise.resolve());
    const { host, events } = open({ Leave: leave });
    const closing = vi.fn();
    host.subscribe('closing', closing);
    events.get('closing')?.(2);
    expect(closing).toHaveBeenCalledExactlyOnceWith(2);
    host.leave(false);
    expect(leave).toHaveBeenCalledExactlyOnceWith(false);
  });

  it('passes events on, and keeps dropped files from leaving the page', () => {
    const { host, events } = open({});
    const dropped = vi.fn();
    host.subscribe('drop', dropped);
    events.get('drop')?.([{ id: '1', name: 'a.json', size: 1, folder: false }]);
    expect(dropped).toHaveBeenCalledExactlyOnceWith([{ id: '1', name: 'a.json', size: 1, folder: false }]);
    const event = new Event('drop', { cancelable: true });
    window.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(resolve).not.toHaveBeenCalled();
  });
});

it('makes a fault of anything', () => {
  expect(toFault(new Error('x')).code).toBe('internal');
  expect(toFault({ code: 'nonsense' }).code).toBe('internal');
  expect(toFault('plain words')).toMatchObject({ code: 'internal', message: 'plain words' });
  expect(toFault(undefined).code).toBe('internal');
});
