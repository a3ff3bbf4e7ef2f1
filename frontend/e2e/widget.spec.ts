// Widgets: made on the screen, shown in another server's page, refused in a foreign one.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, signIn, violations } from './page';
import { payloads } from './payloads';
import { picture } from './picture';
import { Log, superUser } from './server';

const password = 'nine quiet herons wading';

let log: Log;
let url: string;
let origin: string;
let browser: Browser;
let page: Page;
let complaints: string[];
/** Two servers with the same page: one whose origin the widget names, one it does not. */
let allowed: Server;
let foreign: Server;
let lines = '';

function site(): Promise<Server> {
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="en"><title>Intranet</title><main><h1>Intranet</h1>${lines}</main></html>`);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

// By name: another site than the log's own address, as an intranet is.
const at = (server: Server, host: string): string => `http://${host}:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.addUser('bela', password);
  await log.record(
    payloads('http://127.0.0.1:9').map((text, i) => ({
      type: i % 2 === 0 ? 'GoalAdded' : `Odd${i}`,
      actor: { kind: 'user', name: `${text} ${i}` },
      object: { kind: 'goal', id: text, name: text },
      parameters: { goal: { id: text, name: text }, text },
      result: i % 5 === 0 ? 'failed' : 'ok',
    })),
  );
  await log.record([
    {
      type: 'GoalAdded',
      actor: 'cara',
      object: { kind: 'goal', id: '1', name: 'Sign-up' },
      parameters: { goal: { id: '1', name: 'Sign-up' } },
    },
    { type: 'GoalDeleted', actor: 'cara', parameters: { goal: { id: '2', name: 'Old goal' } } },
    { type: 'UserLoggedIn', actor: 'dora', result: 'failed' },
  ]);
  url = await log.serve();
  origin = new URL(url).origin;
  allowed = await site();
  foreign = await site();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Connections');
});

afterAll(async () => {
  await browser?.close();
  allowed?.close();
  foreign?.close();
  await log?.remove();
});

async function ask<T>(token: string, operation: string, body: object): Promise<T> {
  const answer = await fetch(`${origin}/api/v1/${operation}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Made {
  widget: { id: string; token: { id: string } };
  secret: string;
}

async function session(login: string, secret: string): Promise<string> {
  return (await ask<{ token: string }>('', 'signIn', { login, password: secret })).token;
}

const frame = ({ widget, secret }: Made): string =>
  `<iframe src="${origin}/widget/${widget.id}#token=${secret}" title="Activity" width="100%" height="420"></iframe>`;

/** Shows lines in the allowed page and returns what is in its frame. */
async function show(html: string, scheme: 'light' | 'dark' = 'light', width = 900) {
  lines = html;
  const other = await open(browser, at(allowed, 'localhost'), { size: { width, height: 560 }, scheme });
  return { ...other, inside: other.page.frameLocator('iframe') };
}

const rows = (inside: FrameLocator) => inside.getByRole('listitem');

let snippet = '';

test('a widget is made on the screen, with a preview; its lines are shown once', async () => {
  await page.getByRole('button', { name: 'Create widget' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create widget' });
  await dialog.getByLabel('Name').fill('Goals');
  await dialog.getByLabel('Query').fill('object:goal:1 type:GoalAdded');
  await expect.poll(() => dialog.getByRole('listitem').allTextContents()).toEqual([expect.stringContaining('cara')]);
  await dialog.getByLabel('Pages that may show it').fill('*.example.org');
  await picture(page, 'widget-create');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create widget' }).click();
  await dialog.getByText('is not the origin of a page').waitFor();
  await dialog.getByLabel('Pages that may show it').fill(`${at(allowed, 'localhost')}/some/page`);
  await dialog.getByRole('button', { name: 'Create widget' }).click();
  const shown = page.getByRole('dialog', { name: 'Show Goals on a page' });
  snippet = (await shown.locator('code').textContent()) ?? '';
  expect(snippet).toContain(`src="${origin}/widget/`);
  await picture(page, 'widget-snippet');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Goals', exact: true }).waitFor();
  await picture(page, 'widget-list');
  expect(await violations(page)).toEqual([]);
  expect(await page.content()).not.toContain(/#token=([^"]+)/.exec(snippet)?.[1]);
  expect(complaints).toEqual([]);
});

test('it is shown in an allowed page; its token stands in no request’s address', async () => {
  const secret = /#token=([^"]+)/.exec(snippet)?.[1] ?? '';
  const other = await show(snippet);
  await rows(other.inside).first().waitFor(); // what the first load asks for is not counted
  const sent: { url: string; token: string | undefined; referrer: string | undefined }[] = [];
  other.page.on('request', (request) => {
    const headers = request.headers();
    sent.push({
      url: request.url().split('#')[0] ?? '',
      token: headers['authorization'],
      referrer: headers['referer'],
    });
  });
  await other.page.reload();
  await rows(other.inside).filter({ hasText: 'cara' }).waitFor();
  expect(await rows(other.inside).count()).toBe(1);
  expect(await other.inside.getByRole('heading', { name: 'Goals' }).count()).toBe(1);
  expect(await other.inside.getByRole('button').count()).toBe(0);
  expect(await other.inside.getByRole('link').count()).toBe(0);
  expect(sent.filter((one) => one.url.includes(secret))).toEqual([]);
  expect(sent.filter((one) => one.token === `Bearer ${secret}`).map((one) => one.url)).toEqual([
    `${origin}/api/v1/widget`,
  ]);
  expect(sent.filter((one) => one.referrer?.includes('widget'))).toEqual([]);
  expect(await violations(other.page)).toEqual([]);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('a foreign page is refused by the policy, and so is every page by an id that means nothing', async () => {
  lines = snippet;
  for (const [where, html] of [
    [at(foreign, 'localhost'), snippet],
    [at(foreign, '127.0.0.1'), snippet],
    [at(allowed, '127.0.0.1'), snippet],
    [at(allowed, 'localhost'), snippet.replace(/\/widget\/[A-Z2-7]{6}/, '/widget/AAAAAA')],
  ] as const) {
    lines = html;
    const other = await open(browser, 'about:blank');
    const sent: string[] = [];
    other.page.on('request', (request) => sent.push(new URL(request.url()).pathname));
    await other.page.goto(where);
    const refusals = () => other.complaints.filter((one) => one.includes('frame-ancestors'));
    await expect.poll(() => refusals().length).toBeGreaterThan(0);
    // The page that is shown asks for more, see above.
    expect(sent.filter((one) => one.startsWith('/assets/') || one.startsWith('/api/'))).toEqual([]);
    await other.page.context().close();
  }
});

test('Matomo’s address of a widget leads there, and says what to do where it names none', async () => {
  const named = snippet.replace(
    /\/widget\/([A-Z2-7]+)/,
    '/index.php?module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget=$1',
  );
  const other = await show(named);
  await rows(other.inside).filter({ hasText: 'cara' }).waitFor();
  await other.page.context().close();
  const none = await show(
    `<iframe src="${origin}/index.php?module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog" title="Activity"></iframe>`,
  );
  await none.inside.getByText('This address was made for a Matomo server').waitFor();
  await none.page.context().close();
});

test('scripts in every field are text: none runs, and nothing else is asked for', async () => {
  const ann = await session(superUser.login, superUser.password);
  const made = await ask<Made>(ann, 'createWidget', {
    name: '<img src=x onerror=alert(1)>',
    query: '-type:UserLoggedIn',
    limit: 100,
    everybody: true,
    ancestors: [at(allowed, 'localhost')],
  });
  const other = await show(frame(made));
  const elsewhere: string[] = [];
  const dialogs: string[] = [];
  other.page.on('dialog', (dialog) => (dialogs.push(dialog.message()), void dialog.dismiss()));
  other.page.on('request', (request) => {
    const from = request.url();
    if (/^https?:/.test(from) && ![origin, at(allowed, 'localhost')].includes(new URL(from).origin))
      elsewhere.push(from);
  });
  await other.page.reload();
  await expect.poll(() => rows(other.inside).count()).toBeGreaterThan(50);
  expect(await other.inside.getByText('<script>').count()).toBeGreaterThan(0); // they are there, as text
  const inner = other.page.frames()[1];
  expect(await inner?.evaluate(() => '__pwned' in window)).toBe(false);
  expect(
    await inner?.evaluate(
      () => document.querySelectorAll('main img, main script, main iframe, main svg, main a').length,
    ),
  ).toBe(0);
  expect({ elsewhere, dialogs, complaints: other.complaints }).toEqual({ elsewhere: [], dialogs: [], complaints: [] });
  await picture(other.page, 'widget-light');
  await other.page.context().close();
});

test('light, dark and narrow', async () => {
  const ann = await session(superUser.login, superUser.password);
  for (const theme of ['auto', 'light', 'dark']) {
    const made = await ask<Made>(ann, 'createWidget', {
      name: 'Today',
      query: 'actor:cara',
      theme,
      everybody: true,
      ancestors: [at(allowed, 'localhost')],
    });
    const other = await show(frame(made), theme === 'light' ? 'dark' : 'light', theme === 'dark' ? 400 : 900);
    await rows(other.inside).first().waitFor();
    const dark = await other.page.frames()[1]?.evaluate(() => {
      const paint = document.createElement('canvas').getContext('2d');
      if (!paint) return null;
      paint.fillStyle = getComputedStyle(document.body).backgroundColor;
      paint.fillRect(0, 0, 1, 1);
      return (paint.getImageData(0, 0, 1, 1).data[0] ?? 0) < 128;
    });
    expect(dark).toBe(theme === 'dark');
    expect(await violations(other.page)).toEqual([]);
    await picture(other.page, `widget-${theme}`);
    await other.page.context().close();
  }
});

test('revoked, expired, demoted: it says so, and shows nothing', async () => {
  const ann = await session(superUser.login, superUser.password);
  const people = await ask<{ users: { id: string; login: string }[] }>(ann, 'users', {});
  const bela = people.users.find((one) => one.login === 'bela')?.id ?? '';
  await ask(ann, 'grantSuper', { id: bela, super: true });
  const belas = await session('bela', password);
  const ancestors = [at(allowed, 'localhost')];
  const make = (more: object) =>
    ask<Made>(belas, 'createWidget', { name: 'Wall', everybody: true, ancestors, ...more });

  const revoked = await make({});
  const one = await show(frame(revoked));
  await rows(one.inside).first().waitFor();
  await ask(belas, 'revokeToken', { id: revoked.widget.token.id });
  await one.page.reload();
  await one.inside.getByRole('heading', { name: 'This widget has ended' }).waitFor();
  expect(await rows(one.inside).count()).toBe(0);
  await picture(one.page, 'widget-ended');
  expect(await violations(one.page)).toEqual([]);
  await one.page.context().close();

  const expired = await make({ expiresAt: Date.now() + 5_000 });
  const two = await show(frame(expired));
  await expect
    .poll(async () => {
      await two.page.reload();
      await two.inside.getByRole('heading').first().waitFor();
      return two.inside.getByRole('heading', { name: 'This widget has ended' }).count();
    })
    .toBe(1);
  await two.page.context().close();

  const demoted = await make({});
  const three = await show(frame(demoted));
  await rows(three.inside).first().waitFor();
  await ask(ann, 'grantSuper', { id: bela, super: false });
  await three.page.reload();
  await three.inside.getByRole('heading', { name: 'shows nothing any more' }).waitFor();
  expect(await rows(three.inside).count()).toBe(0);
  await three.page.context().close();

  const bare = await show(`<iframe src="${origin}/widget/${demoted.widget.id}" title="Activity"></iframe>`);
  await bare.inside.getByRole('heading', { name: 'This widget is not open' }).waitFor();
  await bare.page.context().close();

  // Said before there is an answer: in the browser's language, and the page says which.
  const german = await open(browser, at(allowed, 'localhost'), { locale: 'de-DE' });
  const inside = german.page.frameLocator('iframe');
  await inside.getByRole('heading', { name: 'Dieses Widget ist nicht geöffnet' }).waitFor();
  expect(await inside.locator('html').getAttribute('lang')).toBe('de');
  await german.page.context().close();
});

test('on the screen it gets a new token, which ends the one before, and is removed', async () => {
  await page.getByRole('button', { name: 'More for Goals' }).click();
  await page.getByRole('menuitem', { name: 'New token' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'New token' }).click();
  const fresh = (await page.getByRole('dialog', { name: 'Show Goals on a page' }).locator('code').textContent()) ?? '';
  expect(fresh).not.toBe(snippet);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const before = await show(snippet);
  await before.inside.getByRole('heading', { name: 'This widget has ended' }).waitFor();
  await before.page.context().close();
  const after = await show(fresh);
  await rows(after.inside).filter({ hasText: 'cara' }).waitFor();
  await after.page.context().close();
  await page.getByRole('button', { name: 'More for Goals' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Goals', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Create widget' }).and(page.locator(':focus')).waitFor();
  expect(complaints).toEqual([]);
});

test('a token for feeds has an address to copy, and a reader gets the feed by it', async () => {
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create token' });
  await dialog.getByLabel('Name').fill('reader');
  await dialog.getByLabel('Read everybody’s activity').check();
  await dialog.getByLabel('May stand in an address').click();
  await dialog.getByRole('button', { name: 'Create token' }).click();
  const shown = page.getByRole('dialog', { name: 'Token for reader' });
  await shown.getByLabel('Query').fill('actor:cara type:GoalDeleted');
  const shownAddress = shown.locator('code').filter({ hasText: '/feed.atom' }).filter({ hasText: 'GoalDeleted' });
  const address = (await shownAddress.textContent()) ?? '';
  await picture(page, 'feed-address');
  expect(await violations(page)).toEqual([]);
  const answer = await fetch(address);
  expect(answer.headers.get('content-type')).toContain('application/atom+xml');
  const text = await answer.text();
  expect(text.match(/<entry>/g)?.length).toBe(1);
  expect(text).toContain('Old goal');
  await page.getByRole('button', { name: 'I have kept it' }).click();
});
