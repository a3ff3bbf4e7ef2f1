// Import from a Matomo server that runs: checked first, then imported, and again without repeats.
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, signIn, violations } from './page';
import { picture } from './picture';
import { Log } from './server';

const token = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];
let matomo: Server;
let address: string;
let entries: string[];

/** The golden entry of Matomo's renderer, with other ids and times. */
async function goldenEntries(n: number): Promise<string[]> {
  const golden = await readFile(join(import.meta.dirname, '../../backend/matomo/testdata/values.json'), 'utf8');
  const line = golden.split('# entry\n')[1]?.split('\n')[1] ?? '';
  const entry = (JSON.parse(line) as string).slice(1, -1);
  return Array.from({ length: n }, (_, i) =>
    entry.replace('"id":42', `"id":${i + 1}`).replace('09:15:00', `09:15:${String(i).padStart(2, '0')}`),
  );
}

beforeAll(async () => {
  entries = await goldenEntries(30);
  matomo = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const refused = form.get('token_auth') !== token;
      response.statusCode = refused ? 401 : 200;
      const offset = Number(form.get('offset'));
      const page = entries.toReversed().slice(offset, offset + Number(form.get('limit')));
      response.end(
        refused
          ? '{"result":"error","message":"Unable to authenticate with the provided token. It is either invalid or expired."}'
          : `[${page.join(',')}]`,
      );
    });
  });
  await new Promise<void>((resolve) => matomo.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(matomo.address() as AddressInfo).port}/`;
  log = await Log.withSuperUser();
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Import');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
  matomo?.close();
});

const dialog = () => page.getByRole('dialog', { name: 'Import from a Matomo server' });

async function check(where: string, secret: string): Promise<void> {
  await page.getByRole('button', { name: 'From a Matomo server' }).press('Enter');
  await dialog().getByLabel('Address').fill(where);
  await dialog().getByLabel('Token', { exact: true }).fill(secret);
  await page.keyboard.press('Enter');
}

test('what is wrong is said at its field, and nothing is lost', async () => {
  await check('http://203.0.113.1/', token);
  await dialog().getByText('without encryption').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'matomo-server-refused');
  await dialog().getByLabel('Address').fill(address);
  await dialog().getByLabel('Token', { exact: true }).fill('wrong');
  await dialog().getByRole('button', { name: 'Check' }).click();
  await dialog().getByText('Matomo says: Unable to authenticate').waitFor();
  expect(await dialog().getByLabel('Address').inputValue()).toBe(address);
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
});

async function imported(): Promise<void> {
  const before = await page.getByRole('article').count();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('article').nth(before).waitFor(); // the newest stands first, also above one that is done
  await page.getByRole('article').first().getByText('Done', { exact: true }).waitFor();
}

test('the newest entries are shown first, then all come in, and again none', async () => {
  await check(address, token);
  await dialog().waitFor({ state: 'detached' });
  const table = page.getByRole('region', { name: 'First records as activities' });
  await table.getByText('Newsletter sign-up').first().waitFor();
  expect(await table.getByRole('row').count()).toBe(21);
  expect((await log.must(['count', 'source:import'])).trim()).toBe('0');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'matomo-server-preview');
  await imported();
  expect((await log.must(['count', 'source:import:matomo/main'])).trim()).toBe('30');
  entries.push(entries[0]?.replace('"id":1,', '"id":31,') ?? '');
  await check(address, token);
  await imported();
  expect((await log.must(['count', 'source:import:matomo/main'])).trim()).toBe('31');
});

test('a server is kept in step until that is stopped', async () => {
  await check(address, token);
  await page.getByLabel('Keep in step').selectOption('Every 5 minutes');
  await page.getByText('only your account may read').waitFor();
  await imported();
  const list = page.getByRole('region', { name: 'Matomo servers kept in step' });
  const row = list.getByRole('row').nth(1);
  await row.getByText('0 new').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'matomo-server-followed');
  await page.setViewportSize({ width: 400, height: 800 });
  await picture(page, 'matomo-server-followed-narrow');
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  entries.push(entries[0]?.replace('"id":1,', '"id":32,') ?? '');
  await row.getByRole('button', { name: 'Read' }).press('Enter');
  await row.getByText('1 new').waitFor();
  expect((await log.must(['count', 'source:import:matomo/main'])).trim()).toBe('32');
  await row.getByRole('button', { name: 'Stop' }).press('Enter');
  await page.getByRole('alertdialog').getByText('Its token is removed').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await list.waitFor({ state: 'detached' });
  expect((await log.must(['count', 'type:ImportScheduleRemoved'])).trim()).toBe('1');
  expect(complaints).toEqual([]);
});

test('a server can be left out again', async () => {
  await check(address, token);
  await page.getByRole('button', { name: `Leave ${address} out` }).press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent ?? '')).toContain('Choose files');
  expect(complaints).toEqual([]);
});

test.each([
  ['dark', { scheme: 'dark' }],
  ['narrow', { size: { width: 400, height: 800 } }],
] as const)('the dialog and the preview fit a window that is %s', async (name, look) => {
  const other = await open(browser, url, look);
  try {
    await signIn(other.page);
    await other.page.goto(`${new URL(url).origin}/#/import`);
    await other.page.getByRole('button', { name: 'From a Matomo server' }).click();
    const form = other.page.getByRole('dialog');
    await form.getByLabel('Address').fill(address);
    await picture(other.page, `matomo-server-dialog-${name}`);
    expect(await violations(other.page)).toEqual([]);
    await form.getByLabel('Token', { exact: true }).fill(token);
    await form.getByRole('button', { name: 'Check' }).click();
    await other.page.getByRole('region', { name: 'First records as activities' }).waitFor();
    await form.waitFor({ state: 'detached' });
    await picture(other.page, `matomo-server-preview-${name}`);
    expect(await violations(other.page)).toEqual([]);
    expect(await other.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(other.complaints).toEqual([]);
  } finally {
    await other.page.context().close();
  }
});
