// API tokens, as people make them and as programs use them.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, sentences, signIn, violations } from './page';
import { picture } from './picture';
import { Log } from './server';

const password = 'nine quiet herons wading';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.addUser('bela', password);
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Connections');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

/** Asks the server as a program would. */
async function ask(secret: string, operation: string, body: object): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${new URL(url).origin}/api/v1/${operation}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** Makes a token in the dialog and returns its secret. */
async function create(on: Page, name: string, ...scopes: string[]): Promise<string> {
  await on.getByRole('button', { name: 'Create token' }).click();
  const dialog = on.getByRole('dialog', { name: 'Create token' });
  await dialog.getByLabel('Name').fill(name);
  for (const scope of scopes) await dialog.getByLabel(scope, { exact: true }).check();
  await dialog.getByRole('button', { name: 'Create token' }).click();
  const shown = on.getByRole('dialog', { name: `Token for ${name}` });
  const secret = (await shown.locator('code').first().textContent()) ?? '';
  return secret;
}

const row = (on: Page, name: string) => on.getByRole('row').filter({ hasText: name });

let warehouse = '';

test('nothing there yet is said; screen and dialogs pass an accessibility scan', async () => {
  await page.getByRole('heading', { name: 'No program has a token' }).waitFor();
  await picture(page, 'connections-empty');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
  await page.getByRole('dialog').getByLabel('Name').and(page.locator(':focus')).waitFor();
  await picture(page, 'connections-create');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('dialog').getByLabel('Name').fill('nothing');
  await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
  // What was said of the name before may stand there for a moment.
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'at least one scope' }).waitFor();
  await page.keyboard.press('Escape');
});

test('a token is shown once, works as it was allowed to, and what it records bears its name', async () => {
  warehouse = await create(page, 'warehouse', 'Record activity');
  expect(warehouse).toMatch(/^al_/);
  await page.mouse.click(5, 5); // beside the dialog: the secret stays until it is said to be kept
  await picture(page, 'connections-secret');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await row(page, 'warehouse').waitFor();
  expect(await page.content()).not.toContain(warehouse);

  expect((await ask(warehouse, 'record', { type: 'ParcelPacked' })).status).toBe(200);
  expect((await ask(warehouse, 'list', { query: '' })).status).toBe(403);
  await row(page, 'warehouse').getByText('now').or(row(page, 'warehouse').getByText('ago')).first().waitFor();

  await row(page, 'warehouse').getByRole('button', { name: 'Show what warehouse recorded' }).click();
  await sentences(page).filter({ hasText: 'Parcel packed' }).waitFor();
  await expect.poll(() => sentences(page).count()).toBe(1);
  await go(page, 'Connections');
});

test('a change is stored, recorded with old and new, and holds for the next call', async () => {
  await row(page, 'warehouse').getByRole('button', { name: 'warehouse', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit warehouse' });
  await dialog.getByLabel('Name').fill('warehouse 2');
  await dialog.getByLabel('Read everybody’s activity').check();
  await dialog.getByLabel('Ends').selectOption('never');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(page, 'warehouse 2').getByText('Read everybody’s activity').waitFor();
  expect((await ask(warehouse, 'list', { query: '' })).status).toBe(200);
  await expect
    .poll(() => log.must(['list', 'type:TokenChanged', '--json']))
    .toMatch(/"old":"warehouse","new":"warehouse 2"/);
});

test('a user gives away no more than they have, and sees only their own tokens', async () => {
  const other = await open(browser, url, { size: { width: 900, height: 700 }, scheme: 'dark' });
  await signIn(other.page, 'bela', password);
  await go(other.page, 'Connections');
  await other.page.getByRole('heading', { name: 'No program has a token' }).waitFor();
  await other.page.getByRole('button', { name: 'Create token' }).click();
  expect(await other.page.getByRole('dialog').getByRole('checkbox').count()).toBe(1);
  await other.page.keyboard.press('Escape');
  const secret = await create(other.page, 'reader', 'Read your own activity');
  await picture(other.page, 'connections-secret-dark');
  const answer = await ask(secret, 'list', { query: '' });
  expect(answer.status).toBe(200);
  expect(JSON.stringify(answer.body)).not.toContain('Ann Archer');
  await other.page.getByRole('button', { name: 'I have kept it' }).click();
  expect(await row(other.page, 'warehouse').count()).toBe(0);
  expect(other.complaints).toEqual([]);

  // The super user sees it, and once its maker is disabled it is said to be without effect.
  await row(page, 'reader').getByText('bela').waitFor();
  await log.must(['user', 'change', 'bela', '--disable']);
  await row(page, 'reader').getByText('Without effect').waitFor();
  expect((await ask(secret, 'list', { query: '' })).status).toBe(401);
  await picture(page, 'connections');
  await other.page.context().close();
});

test('a revoked token is refused from then on, and stays on record', async () => {
  await row(page, 'warehouse 2').getByRole('button', { name: 'More for warehouse 2' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await row(page, 'warehouse 2').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Create token' }).and(page.locator(':focus')).waitFor();
  expect((await ask(warehouse, 'record', { type: 'ParcelPacked' })).status).toBe(401);
  await page.getByRole('button', { name: 'Show 1 that ended' }).click();
  await row(page, 'warehouse 2').getByText('Revoked').waitFor();
  await picture(page, 'connections-ended');
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
