// Users, as a super user manages them.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { focus, go, open, sentences, signIn, violations } from './page';
import { Log } from './server';

const password = 'nine quiet herons wading';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.record([{ type: 'GoalAdded', actor: 'bela', parameters: { goal: { id: '7', name: 'Sign-up' } } }]);
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Users');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

function row(name: string) {
  return page.getByRole('row').filter({ hasText: name });
}

async function choose(name: string, item: string): Promise<void> {
  await row(name)
    .getByRole('button', { name: `More for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function createUser(login: string, name: string, secret = password): Promise<void> {
  await page.getByRole('button', { name: 'Create user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Login').fill(login);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Password', { exact: true }).fill(secret);
  await dialog.getByRole('button', { name: 'Create user' }).click();
}

test('the screen and its dialogs pass an accessibility scan', async () => {
  expect(await violations(page)).toEqual([]);
  for (const name of ['Create user', 'Ann Archer']) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
});

test('a wrong password is said beside its field', async () => {
  await createUser('bela', 'Béla Példa', 'short');
  const field = page.getByRole('dialog').getByLabel('Password', { exact: true });
  await page.getByRole('dialog').getByRole('alert').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await focus(field);
  await field.fill(password);
  await page.keyboard.press('Enter');
  await row('Béla Példa').waitFor();
});

test('without a mouse: the first field has the focus, Enter creates', async () => {
  await page.getByRole('button', { name: 'Create user' }).focus();
  await page.keyboard.press('Enter');
  await focus(page.getByRole('dialog', { name: 'Create user' }).getByLabel('Login'));
  for (const text of ['cleo', 'Cleo Kay', 'cleo@example.org', password]) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await row('Cleo Kay').getByText('cleo@example.org').waitFor();
  await focus(page.getByRole('button', { name: 'Create user' }));
});

test('a login is given once', async () => {
  await createUser('bela', 'Another');
  expect(await page.getByRole('dialog').getByRole('alert').textContent()).toContain('bela');
  await page.keyboard.press('Escape');
});

test('who is created sees only their own until an actor is linked', async () => {
  const other = await open(browser, url);
  await signIn(other.page, 'bela', password);
  await sentences(other.page).first().waitFor();
  expect(await sentences(other.page).allTextContents()).not.toContainEqual(expect.stringContaining('Sign-up'));

  await choose('Béla Példa', 'Link an actor');
  await page.getByRole('combobox', { name: 'Link an actor' }).fill('bela');
  await page.getByRole('option', { name: 'bela' }).click();
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByRole('button', { name: 'Unlink bela' }).waitFor();
  await page.keyboard.press('Escape');

  await other.page.reload();
  await sentences(other.page).filter({ hasText: 'Sign-up' }).waitFor();
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('access is changed in the table and recorded with old and new', async () => {
  await row('Béla Példa').getByRole('combobox').selectOption('write');
  await row('Béla Példa').getByText('Write', { exact: true }).first().waitFor();
  await expect.poll(() => log.must(['list', 'type:SiteAccessChanged', '--json'])).toMatch(/"old":"view","new":"write"/);
});

test('of two choices in quick succession the last one counts', async () => {
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route(
    '**/api/v1/setAccess',
    async (route) => {
      await held;
      await route.continue();
    },
    { times: 1 },
  );
  const level = row('Béla Példa').getByRole('combobox');
  await level.selectOption('admin');
  await level.selectOption('view');
  answer();
  await expect.poll(() => log.must(['list', 'type:SiteAccessChanged', '--json'])).toMatch(/"old":"admin","new":"view"/);
  await expect.poll(() => level.inputValue()).toBe('view');
});

test('details are changed', async () => {
  await page.getByRole('button', { name: 'Béla Példa', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Béla P.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved').waitFor();
  await page.keyboard.press('Escape');
  await row('Béla P.').waitFor();
});

test('a disabled user cannot sign in', async () => {
  await choose('Béla P.', 'Disable');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
  await row('Béla P.').getByText('Disabled').waitFor();
  const other = await open(browser, url);
  await other.page.getByLabel('Login').fill('bela');
  await other.page.getByLabel('Password', { exact: true }).fill(password);
  await other.page.keyboard.press('Enter');
  await other.page.getByRole('alert').waitFor();
  await other.page.context().close();
});

test('the last super user stays one, and the dialog says why', async () => {
  await choose('Ann Archer', 'Take super user access away');
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Take super user access away' }).click();
  expect(await dialog.getByRole('alert').textContent()).toMatch(/super user/i);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('removing says that activities stay, and they do', async () => {
  await choose('Béla P.', 'Remove');
  const dialog = page.getByRole('alertdialog');
  expect(await dialog.textContent()).toContain('stay in the log');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await row('Béla P.').waitFor({ state: 'detached' });
  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'Sign-up' }).waitFor();
  expect(complaints).toEqual([]);
});

test('a row leads to what the user did', async () => {
  await go(page, 'Users');
  await row('Ann Archer').getByRole('button', { name: 'Show activity of Ann Archer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor();
  expect(decodeURIComponent(page.url())).toContain('q=user:ann');
  await sentences(page).first().waitFor();
});
