// Views: saved, changed, pinned, shared, moved through a file, removed.
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { launch } from './browser';
import { open, sentences, signIn, violations } from './page';
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
  await log.addUser('bela', password, 'write');
  const goal = { id: '7', name: 'Sign-up' };
  await log.record([
    { type: 'GoalAdded', actor: 'cara', occurredAt: '2026-01-05T10:00:00Z', parameters: { goal } },
    { type: 'GoalChanged', actor: 'cara', occurredAt: '2026-01-06T10:00:00Z', parameters: { goal } },
    { type: 'GoalDeleted', actor: 'cara', occurredAt: '2026-01-07T10:00:00Z', parameters: { goal } },
  ]);
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

const side = (on: Page): Locator => on.getByRole('region', { name: 'Views' });
const link = (on: Page, name: string): Locator => side(on).getByRole('link', { name });
const query = (on: Page): Locator => on.getByRole('combobox', { name: 'Search activity' });

async function ask(on: Page, text: string): Promise<void> {
  await query(on).fill(text);
  await query(on).press('Enter');
  await query(on).press('Escape');
}

async function look(on: Page, item: string): Promise<void> {
  await on.getByRole('button', { name: 'Columns, order, rows' }).click();
  await on.getByRole('menuitemcheckbox', { name: item }).click();
}

/** Opens the dialog of all views and, for a view, an item of its menu. */
async function manage(on: Page, view = '', item = ''): Promise<Locator> {
  await side(on).getByRole('button', { name: 'Views' }).click();
  const dialog = on.getByRole('dialog', { name: 'Views' });
  // It is ready once it has the focus: a menu opened before would lose it.
  await dialog.and(on.locator(':focus-within')).waitFor();
  if (view) {
    await dialog.getByRole('button', { name: `More for ${view}` }).click();
    await on.getByRole('menuitem', { name: item }).click();
  }
  return dialog;
}

async function close(on: Page): Promise<void> {
  await on.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await on.getByRole('dialog').waitFor({ state: 'detached' });
}

test('what the timeline shows is saved with a key, and opens as it was', async () => {
  await ask(page, 'category:goals');
  await look(page, 'Oldest first');
  await expect.poll(() => sentences(page).first().textContent()).toContain('added the goal');
  expect(page.url()).toContain('order=oldest');

  await page.locator('article').first().focus();
  await page.keyboard.press('s');
  const dialog = page.getByRole('dialog', { name: 'Save as view' });
  expect(await violations(page)).toEqual([]);
  await dialog.getByLabel('Query').fill('category:goals nofield:x');
  await dialog.getByLabel('Name').fill('Goals');
  await page.keyboard.press('Enter');
  await dialog.getByText('Column 16').waitFor();
  await dialog.getByLabel('Query').fill('category:goals');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await link(page, 'Goals').waitFor();
  expect(await link(page, 'Goals').getAttribute('aria-current')).toBe('page');

  await page.getByRole('link', { name: 'Timeline', exact: true }).click();
  await sentences(page).filter({ hasText: 'created the view "Goals"' }).waitFor();
  await link(page, 'Goals').click();
  await expect.poll(() => sentences(page).first().textContent()).toContain('added the goal');
  expect(await query(page).inputValue()).toBe('category:goals');
});

test('a view is changed, with what it was before on the timeline', async () => {
  await look(page, 'Number');
  await expect.poll(() => page.locator('article').first().textContent()).toMatch(/#\d/);
  await page.getByRole('button', { name: 'Save as view' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as view' });
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Goals');
  await dialog.getByLabel('Name').fill('Goals by day');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await link(page, 'Goals by day').waitFor();
  await page.getByRole('link', { name: 'Timeline', exact: true }).click();
  await ask(page, 'type:SegmentUpdated');
  const row = page.locator('article').filter({ hasText: 'updated the view "Goals by day"' });
  await row.waitFor();
  await row.getByRole('button', { name: /Changed/ }).click();
  await expect.poll(() => row.locator('.changes').textContent()).toContain('Goals by day');
  expect(await row.locator('.changes').textContent()).toContain('columns');
});

test('a pinned view counts what was recorded later, however old it is, by itself', async () => {
  expect(await link(page, 'Goals by day').getByLabel('new').count()).toBe(0);
  await log.record(
    ['2019-04-01T08:00:00Z', '2019-04-02T08:00:00Z'].map((occurredAt) => ({
      type: 'GoalAdded',
      actor: 'old',
      occurredAt,
    })),
  );
  await log.record([{ type: 'UserLoggedIn', actor: 'other', occurredAt: '2019-04-02T08:00:00Z' }]);
  await link(page, 'Goals by day').getByLabel('2 new').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'views-side');
  await link(page, 'Goals by day').click();
  await link(page, 'Goals by day').getByLabel('2 new').waitFor({ state: 'detached' });
  await expect.poll(() => sentences(page).first().textContent()).toContain('old');
});

test('what is new counts as seen only while the view shows it', async () => {
  const seen = () => page.waitForResponse((answer) => answer.url().endsWith('seeView'));
  await Promise.all([seen(), page.getByRole('link', { name: 'Timeline', exact: true }).click()]);
  await Promise.all([seen(), link(page, 'Goals by day').click()]);
  await Promise.all([seen(), ask(page, 'type:UserLoggedIn')]);
  expect(await link(page, 'Goals by day').getAttribute('aria-current')).toBe('page');
  await log.record([{ type: 'GoalAdded', actor: 'old', occurredAt: '2019-04-03T08:00:00Z' }]);
  await link(page, 'Goals by day').getByLabel('1 new').waitFor();
  await page.getByRole('link', { name: 'Timeline', exact: true }).click();
  await expect.poll(() => link(page, 'Goals by day').getAttribute('aria-current')).toBeNull();
  await log.record([{ type: 'GoalAdded', actor: 'old', occurredAt: '2019-04-04T08:00:00Z' }]);
  await link(page, 'Goals by day').getByLabel('2 new').waitFor();
  await page.setViewportSize({ width: 800, height: 800 });
  await side(page).getByRole('button', { name: 'Views (something new)' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await link(page, 'Goals by day').click();
  await link(page, 'Goals by day').getByLabel('2 new').waitFor({ state: 'detached' });
  await side(page).getByRole('button', { name: 'Views', exact: true }).waitFor();
});

test('rows that the address says are changed there, without a view too', async () => {
  await page.evaluate(() => (location.hash = '#/timeline?rows=compact'));
  await expect.poll(() => page.locator('.timeline').getAttribute('data-density')).toBe('compact');
  await look(page, 'Rows: airy');
  await expect.poll(() => page.locator('.timeline').getAttribute('data-density')).toBe('airy');
  expect(page.url()).toContain('rows=airy');
});

test('a shared view shows somebody else their own activity only', async () => {
  const dialog = await manage(page, 'Goals by day', 'Share with everybody');
  await dialog.getByText('Shared').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'views-manage');
  await close(page);
  const other = await open(browser, url);
  await signIn(other.page, 'bela', password);
  await link(other.page, 'Goals by day').click();
  await other.page.getByText('No activity matches').waitFor();
  await other.page.getByRole('button', { name: 'Record activity' }).waitFor();
  const list = await manage(other.page);
  await list.getByRole('button', { name: 'More for Goals by day' }).click();
  await other.page.getByRole('menuitem').first().waitFor();
  const items = await other.page.getByRole('menuitem').allTextContents();
  expect(items.map((one) => one.trim())).toEqual(['Pin', 'Export']);
  await other.page.keyboard.press('Escape');
  await close(other.page);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('views go through a file', async () => {
  const dialog = await manage(page);
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export all' }).click();
  const path = await (await download).path();
  const text = await readFile(path, 'utf8');
  expect(text).toContain('Goals by day');
  const file = (content: string) => ({
    name: 'views.json',
    mimeType: 'application/json',
    buffer: Buffer.from(content),
  });
  await dialog.getByLabel('File of views').setInputFiles(file(text.replace('category:goals', 'type:GoalAdded')));
  await dialog.getByRole('alert').getByText('Goals by day').waitFor();
  await dialog.getByRole('button', { name: 'Replace those that are there' }).click();
  await dialog.getByText('type:GoalAdded').waitFor();
  await dialog.getByLabel('File of views').setInputFiles(file('{}'));
  await dialog.getByRole('alert').getByText('no file of views').waitFor();
  await close(page);
});

// A finger, or a fast hand, presses before the menu's code is there and its button put in again.
test('a press that is over before the menu has come opens it', async () => {
  const fresh = await open(browser, url);
  await signIn(fresh.page);
  const dialog = await manage(fresh.page);
  await dialog.getByRole('button', { name: 'More for Goals by day' }).evaluate((button) => {
    button.dispatchEvent(new PointerEvent('pointerenter'));
    button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'mouse' }));
  });
  await fresh.page.getByRole('menuitem', { name: 'Export' }).waitFor();
  await fresh.page.context().close();
});

test('a removed view goes from the side bar, and what was said of it stays', async () => {
  await manage(page, 'Goals by day', 'Remove…');
  const alert = page.getByRole('alertdialog', { name: 'Remove Goals by day?' });
  expect(await violations(page)).toEqual([]);
  await alert.getByRole('button', { name: 'Remove view' }).click();
  await page.getByText('No view yet').waitFor();
  await close(page);
  expect(await side(page).getByRole('link').count()).toBe(0);
  await page.getByRole('link', { name: 'Timeline', exact: true }).click();
  await ask(page, 'type:SegmentDeleted type:SegmentCreated');
  await expect.poll(() => sentences(page).allTextContents()).toHaveLength(2);
  expect(complaints).toEqual([]);
});

test('in a narrow and dark window the views are behind one button', async () => {
  await log.must([
    'view',
    'save',
    'A view with quite a long name, to see what becomes of it',
    'type:GoalAdded',
    '--shared',
    'true',
  ]);
  const narrow = await open(browser, url, { size: { width: 400, height: 800 }, scheme: 'dark' });
  await signIn(narrow.page);
  await side(narrow.page).getByRole('button', { name: 'Views' }).click();
  const dialog = narrow.page.getByRole('dialog', { name: 'Views' });
  await dialog.getByText('A view with').waitFor();
  expect(await violations(narrow.page)).toEqual([]);
  expect(await narrow.page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await picture(narrow.page, 'views-narrow');
  await dialog.getByRole('link', { name: 'A view with' }).click();
  await narrow.page.getByText('added').first().waitFor();
  await picture(narrow.page, 'views-narrow-open');
  expect(narrow.complaints).toEqual([]);
});
