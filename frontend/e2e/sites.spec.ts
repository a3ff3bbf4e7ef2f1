// Sites: made, changed, configured by their own admins, removed; their activity stays.
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
  await log.addUser('bela', password, 'none');
  await log.record([
    { type: 'GoalAdded', site: 'Mall', parameters: { goal: { id: '7', name: 'Sign-up' } } },
    { type: 'GoalAdded', site: '<b>Corner</b>', parameters: { goal: { id: '8', name: 'Order' } } },
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

function row(name: string, on = page) {
  return on.getByRole('row').filter({ hasText: name });
}

async function choose(name: string, item: string, on = page): Promise<void> {
  await on.getByRole('button', { name: `More for ${name}` }).click();
  await on.getByRole('menuitem', { name: item }).click();
}

test('two keys lead there', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('heading', { level: 1, name: 'Sites' }).waitFor();
});

test('a site that activities name is made one of this log, and its past is found with it', async () => {
  expect(await violations(page)).toEqual([]);
  await page.getByRole('listitem').filter({ hasText: '<b>Corner</b>' }).waitFor();
  await page.getByRole('button', { name: 'Make Mall a site' }).click();
  const dialog = page.getByRole('dialog');
  expect(await violations(page)).toEqual([]);
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Mall');
  await picture(page, 'sites-create');
  await dialog.getByLabel('Addresses').fill('mall.example\njavascript:alert(1)');
  await dialog.getByRole('button', { name: 'Create site' }).click();
  expect(await dialog.getByRole('alert').textContent()).toContain('javascript');
  await dialog.getByLabel('Addresses').fill('mall.example\nhttp://m.mall.example/');
  await dialog.getByRole('button', { name: 'Create site' }).click();
  await row('Mall').getByText('https://mall.example').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Make Mall a site' }).count()).toBe(0);
  await picture(page, 'sites');
  await log.record([{ type: 'GoalChanged', site: 'MALL', object: { kind: 'goal', id: '7', name: 'Sign-up' } }]);
  await go(page, 'Timeline');
  await page.getByRole('combobox', { name: 'Search activity' }).fill('site:Mall category:goals');
  await page.keyboard.press('Enter');
  await expect.poll(() => sentences(page).count()).toBe(2);
});

test('a name is given once, however it is spelt', async () => {
  await go(page, 'Sites');
  await page.getByRole('button', { name: 'Create site' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('  mALL ');
  await page.keyboard.press('Enter');
  // As it was typed: who may not see that site learns nothing of it.
  expect(await dialog.getByRole('alert').textContent()).toContain('"mALL"');
  await page.keyboard.press('Escape');
});

test('what changes stands on the timeline, old and new', async () => {
  await page.getByRole('button', { name: 'Mall', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Store');
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('intranet');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await go(page, 'Timeline');
  const changed = page.locator('article').filter({ hasText: 'changed the measurable "Store"' });
  await changed.click();
  const details = page.getByRole('tabpanel');
  await details.getByText('Mall', { exact: true }).waitFor();
  await details.getByText('intranet', { exact: true }).waitFor();
});

test('of two windows neither undoes what the other changed', async () => {
  await go(page, 'Sites');
  await page.getByRole('button', { name: 'Store', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('website');
  await log.must(['site', 'change', 'Store', '--name', 'Store & Co']);
  await page.getByRole('dialog', { name: 'Store & Co' }).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  expect(await log.must(['site', 'list'])).toMatch(/Store & Co +website/);
  await log.must(['site', 'change', 'Store & Co', '--name', 'Store', '--kind', 'intranet']);
  await page.getByRole('button', { name: 'Store', exact: true }).waitFor();
});

test('access is given from both sides', async () => {
  await go(page, 'Sites');
  await page.getByRole('button', { name: 'Store: users with access: 0' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Give access to' }).fill('bela');
  await page.getByRole('option', { name: 'bela' }).click();
  const level = dialog.getByRole('combobox', { name: 'Access of bela' });
  await level.waitFor();
  await level.selectOption('none');
  await expect.poll(() => log.must(['list', 'type:SiteAccessChanged', '--json'])).toMatch(/"old":"view","new":"none"/);
  await level.selectOption('view');
  await expect
    .poll(() => log.must(['list', 'type:SiteAccessChanged', '--json']))
    .toMatch(/"old":"none","new":"view".*"old":"view","new":"none".*"old":"none","new":"view"/s);
  await picture(page, 'sites-access');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await go(page, 'Users');
  await page.getByRole('button', { name: 'bela', exact: true }).click();
  await page.getByRole('tab', { name: 'Access' }).click();
  await page.getByRole('combobox', { name: 'Access of bela to “Store”' }).selectOption('admin');
  await page.getByRole('dialog').getByText('Saved', { exact: true }).waitFor();
  await picture(page, 'sites-user');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => log.must(['list', 'type:SiteAccessChanged', '--json'])).toMatch(/"old":"view","new":"admin"/);
});

test('an admin of a site changes it and its settings, and nothing else', async () => {
  const other = await open(browser, url, { size: { width: 400, height: 800 }, scheme: 'dark' });
  await signIn(other.page, 'bela', password);
  await go(other.page, 'Sites');
  await row('Store', other.page).waitFor();
  expect(await row('This log', other.page).count()).toBe(0);
  expect(await other.page.getByRole('button', { name: 'Create site' }).count()).toBe(0);
  expect(await violations(other.page)).toEqual([]);
  await picture(other.page, 'sites-narrow');
  await choose('Store', 'Settings', other.page);
  const dialog = other.page.getByRole('dialog');
  expect(await dialog.getByRole('tab').allTextContents()).toEqual(['Details', 'Settings']);
  await dialog.getByLabel('Description').fill('Where we sell\nAsk Cleo');
  await dialog.getByLabel('Link to objects').fill('https://mall.example/{kind}/{id}');
  await dialog.getByRole('switch', { name: 'Offered when recording' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved', { exact: true }).waitFor();
  expect(await violations(other.page)).toEqual([]);
  await picture(other.page, 'sites-settings-narrow');
  await dialog.getByRole('tab', { name: 'Details' }).click();
  expect(await dialog.getByRole('button', { name: 'Remove' }).count()).toBe(0);
  await other.page.keyboard.press('Escape');
  expect(await log.must(['list', 'type:SiteSettingsUpdated', '--json'])).toContain(
    '{"field":"offered","old":true,"new":false}',
  );
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('its activities show what is known of it, and lead there', async () => {
  await go(page, 'Timeline');
  await page.locator('article').filter({ hasText: 'changed the goal' }).click();
  await page.getByRole('tab', { name: 'Details' }).click();
  const details = page.getByRole('tabpanel');
  await details.getByText('Ask Cleo').waitFor();
  await details.getByText('Called now').waitFor();
  expect(await details.getByRole('link', { name: 'https://mall.example/goal/7' }).getAttribute('href')).toBe(
    'https://mall.example/goal/7',
  );
  expect(await details.getByRole('link', { name: 'http://m.mall.example' }).count()).toBe(1);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'sites-facts');
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'What happened' }).fill('goal added');
  await page.getByRole('option', { name: 'Goal added' }).click();
  await dialog.getByRole('combobox', { name: 'Site' }).click();
  await page.getByRole('option', { name: '<b>Corner</b>' }).waitFor();
  expect(await page.getByRole('option', { name: 'Store' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('what goes with it is said before; the access goes at once, the activity stays', async () => {
  const other = await open(browser, url);
  await signIn(other.page, 'bela', password);
  await go(page, 'Sites');
  await choose('Store', 'Remove');
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Who loses access (1)').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: 'bela' }).getByText('Admin').waitFor();
  await picture(page, 'sites-remove');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await row('Store').waitFor({ state: 'detached' });
  await other.page.getByLabel('Login').waitFor();
  await other.page.context().close();
  await go(page, 'Timeline');
  const changed = page.locator('article').filter({ hasText: 'changed the goal' });
  await changed.filter({ hasText: 'Mall' }).click();
  await page.getByRole('tab', { name: 'Details' }).click();
  await page.getByText('This site was removed').waitFor();
  expect(await log.must(['list', 'type:SiteAccessChanged', '--json'])).toMatch(/"old":"admin","new":"none"/);
  expect(complaints).toEqual([]);
});
