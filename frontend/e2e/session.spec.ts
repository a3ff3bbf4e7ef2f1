// First run, sign-in, and what becomes of a session, seen in the page.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { focus, open, sentences, signIn, whatHappened } from './page';
import { picture } from './picture';
import { Log, superUser } from './server';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.make();
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

/** Presses Tab until this has the focus. */
async function tabTo(name: string | RegExp, role: 'button' | 'textbox'): Promise<void> {
  const target = page.getByRole(role, { name });
  for (let i = 0; i < 40; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}.`);
}

test('the address of the first run is used once and leaves the address bar', async () => {
  expect(url).toMatch(/\/#setup=/);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  expect(page.url()).not.toContain('setup=');
  await picture(page, 'first-run');
});

test('without a mouse: first run, record, find, open, sign out', async () => {
  const { login, email, name, password } = superUser;
  // The first field has the focus.
  await focus(page.getByLabel('Login'));
  for (const text of [login, email, name, password]) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await tabTo(/create/i, 'button');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor();
  await sentences(page).first().waitFor();
  expect(page.url()).not.toContain('setup');

  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: 'Record activity' }).waitFor();
  await whatHappened(page, 'goal added', 'Goal added');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Checkout');
  await page.keyboard.press('Tab');
  await page.keyboard.type('12');
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Recorded' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.keyboard.press('/');
  await focus(page.getByRole('combobox', { name: 'Search activity' }));
  await page.keyboard.type('checkout');
  await page.keyboard.press('Enter');
  await sentences(page).filter({ hasText: 'Checkout' }).waitFor();
  await expect.poll(() => sentences(page).count()).toBe(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('heading', { level: 2 }).filter({ hasText: 'Checkout' }).waitFor();
  await picture(page, 'keyboard-only');
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });

  await page.keyboard.press('Control+k');
  await focus(page.getByRole('dialog').getByRole('combobox'));
  await page.keyboard.type('sign out');
  await page.getByRole('option', { name: 'Sign out' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a wrong password is said, and the login stays', async () => {
  await page.getByLabel('Login').fill(superUser.login);
  await page.getByLabel('Password', { exact: true }).fill('not the right one');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/password/i);
  expect(await page.getByLabel('Login').inputValue()).toBe(superUser.login);
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
  await picture(page, 'wrong-password');
});

test('reloading keeps the session, another tab has its own', async () => {
  await signIn(page);
  await page.reload();
  await sentences(page).first().waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.close();
});

test('a session ended from elsewhere leads to sign-in, and back to where one was', async () => {
  await page.goto(`${new URL(page.url()).origin}/#/timeline?q=type:GoalAdded`);
  await page.reload();
  await sentences(page).filter({ hasText: 'Checkout' }).waitFor();
  const next = 'six slow lanterns swaying';
  await log.must(['user', 'password', superUser.login, '--password-stdin'], `${next}\n`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByText('Your session has ended').waitFor();
  await picture(page, 'session-ended');
  await signIn(page, superUser.login, next);
  await expect.poll(() => sentences(page).count()).toBe(1);
  expect(page.url()).toContain('q=type:GoalAdded');
  expect(complaints).toEqual([]);
});

test('a used set-up address only leads to sign-in', async () => {
  const other = await open(browser, url);
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(other.page.url()).not.toContain('setup=');
  await other.page.context().close();
});
