// Recording by hand, and verifying.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, sentences, signIn, violations, whatHappened } from './page';
import { Log } from './server';

const password = 'nine quiet herons wading';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.addUser('will', password, 'write');
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await sentences(page).first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

test('an activity is recorded by keys alone, and another process sees it', async () => {
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog', { name: 'Record activity' });
  await dialog.waitFor();
  await whatHappened(page, 'goal changed', 'Goal changed');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Checkout');
  await page.keyboard.press('Tab');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Recorded' }).waitFor();
  expect(await violations(page)).toEqual([]);
  const stored = (await log.must(['list', 'type:GoalChanged', '--json'])).replace(/\s+/g, '');
  expect(stored).toContain('"goal":{"id":"12","name":"Checkout"}');
  expect(stored).toContain('"source":"manual"');
});

test('the receipt leads to the activity', async () => {
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await sentences(page).filter({ hasText: 'Checkout' }).waitFor();
  expect(page.url()).toContain('sel=');
});

test('what the program refuses is said beside the field', async () => {
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Record activity' }).click();
  await page.getByRole('combobox', { name: 'What happened' }).fill('goal added');
  await page.getByRole('option', { name: 'Goal added' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByLabel('When').fill('2098-01-01T10:00');
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
  expect(await page.getByLabel('When').getAttribute('aria-invalid')).toBe('true');
  await page.keyboard.press('Escape');
});

test('role write records as oneself only', async () => {
  const other = await open(browser, url);
  await signIn(other.page, 'will', password);
  await other.page.getByRole('button', { name: 'Record activity' }).click();
  await other.page.getByRole('combobox', { name: 'What happened' }).fill('goal added');
  await other.page.getByRole('option', { name: 'Goal added' }).first().waitFor();
  await other.page.keyboard.press('Enter');
  await other.page.getByRole('group', { name: 'Result' }).waitFor();
  expect(await other.page.getByLabel('Who did it').count()).toBe(0);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('verifying says that nothing differs', async () => {
  await go(page, 'Integrity');
  await page.getByRole('checkbox', { name: /search index/ }).check();
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('Nothing differs, in the search index neither.').waitFor();
  await page.getByRole('heading', { name: 'Verified' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
