// Plugins, from a zip on a person's disk to an activity that outlives it.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, sentences, signIn, violations, whatHappened } from './page';
import { Log } from './server';
import { zip } from './zip';

let log: Log;
let browser: Browser;
let page: Page;
let complaints: string[];
let dir: string;
/** The files of the plugin that `plugin new` writes. */
let files: Record<string, string>;

beforeAll(async () => {
  log = await Log.withSuperUser();
  dir = await mkdtemp(join(tmpdir(), 'activitylog-plugin-'));
  await log.must(['plugin', 'new', 'Shop'], '', dir);
  files = Object.fromEntries(
    ['plugin.json', 'Activity/ItemAdded.json'].map((name) => [name, readFileSync(join(dir, 'Shop', name), 'utf8')]),
  );
  const url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Plugins');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
  if (dir) await rm(dir, { recursive: true, force: true });
});

async function choose(content: Record<string, string>): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Install a plugin' }).click(),
  ]);
  await chooser.setFiles({ name: 'shop.zip', mimeType: 'application/zip', buffer: zip(content) });
}

function edited(edit: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, edit(text)]));
}

function row(name: string) {
  return page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
}

async function menu(name: string, item: string): Promise<void> {
  await row(name)
    .getByRole('button', { name: `More for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('without one the screen says what to do, and passes an accessibility scan', async () => {
  await page.getByText('No plugin is installed').waitFor();
  await row('Goals').waitFor();
  expect(await violations(page)).toEqual([]);
});

test('a broken one is refused with file, field and reason, and nothing changes', async () => {
  await choose({ ...edited((text) => text.replaceAll('{item.name}', '{thing.name}')), '../evil.sh': 'rm' });
  const dialog = page.getByRole('dialog', { name: 'This plugin cannot be installed' });
  await dialog.getByText('../evil.sh').waitFor();
  await dialog.getByText('has a path that leads elsewhere').waitFor();
  await page.keyboard.press('Escape');
  await choose(edited((text) => text.replaceAll('{item.name}', '{thing.name}').replace('"1.0.0"', '"new"')));
  await dialog.getByText('Activity/ItemAdded.json').waitFor();
  await dialog.getByText('names the parameter "thing", which the type does not have').waitFor();
  await dialog.getByText('"new" is no version like 1.2.0').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByText('No plugin is installed').waitFor();
  expect(await log.must(['count', 'type:PluginInstalled'])).toBe('0\n');
});

test('it is looked at, installed, and its types are offered at once', async () => {
  await choose(files);
  const dialog = page.getByRole('dialog', { name: 'Install Shop 1.0.0?' });
  await dialog.getByText('Shop/ItemAdded').waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Install', exact: true }).click();
  await row('Shop').getByText('1.0.0').waitFor();

  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'installed the plugin "Shop" in version 1.0.0' }).waitFor();
  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: 'Record activity' }).waitFor();
  await whatHappened(page, 'item added', 'Item added');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Green tea');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Recorded' }).waitFor();
  await page.keyboard.press('Escape');
  await sentences(page).filter({ hasText: 'added the item "Green tea"' }).waitFor();
});

test('it is updated, old and new on the timeline', async () => {
  await go(page, 'Plugins');
  await choose(files);
  await page.getByRole('dialog', { name: 'Take Shop 1.0.0 all the same?' }).waitFor();
  await page.keyboard.press('Escape');
  await choose(edited((text) => text.replace('"1.0.0"', '"1.1.0"')));
  await page.getByRole('button', { name: 'Update', exact: true }).click();
  await row('Shop').getByText('1.1.0').waitFor();
  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'updated the plugin "Shop" to version 1.1.0' }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByText('1.0.0').first().waitFor();
  await details.getByText('1.1.0').first().waitFor();
});

test('deactivated by another process it is shown so; activated again here', async () => {
  await go(page, 'Plugins');
  await log.must(['plugin', 'deactivate', 'Shop']);
  await row('Shop').getByRole('cell', { name: 'Deactivated' }).waitFor();
  await menu('Shop', 'Activate');
  await row('Shop').getByRole('cell', { name: 'Active', exact: true }).waitFor();
  await menu('Goals', 'Deactivate');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
  await row('Goals').getByRole('cell', { name: 'Deactivated' }).waitFor();
  expect((await log.run(['record', 'GoalAdded'])).err).toContain('while the plugin Goals is deactivated');
});

test('removed, what it recorded reads as it did', async () => {
  await menu('Shop', 'Remove');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No plugin is installed').waitFor();
  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'uninstalled the plugin "Shop"' }).waitFor();
  await sentences(page).filter({ hasText: 'added the item "Green tea"' }).waitFor();
  expect(complaints).toEqual([]);
});

test('it fits a narrow window, dark', async () => {
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(page.url().replace(/#.*/, '#/plugins'));
  await row('Goals').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  expect(await violations(page)).toEqual([]);
});
