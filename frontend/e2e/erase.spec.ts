// Erasing an activity and a person: the list, the word that confirms it, and what is left.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, sentences, signIn, violations } from './page';
import { picture } from './picture';
import { Log } from './server';

let log: Log;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.addUser('vera', 'nine quiet herons wading');
  const goal = (name: string) => ({ goal: { id: '7', name } });
  await log.record([
    { type: 'GoalAdded', actor: 'vera', ip: '203.0.113.9', parameters: goal('Hers') },
    { type: 'GoalAdded', actor: 'bob', parameters: goal('Asked by Vera') },
    { type: 'GoalAdded', actor: 'bob', ip: '203.0.113.9', parameters: goal('Same office') },
    { type: 'GoalAdded', actor: 'bob', parameters: goal('Mistake') },
  ]);
  await log.must(['user', 'link', 'vera', 'vera']);
  const url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

test('one activity goes, and the timeline says so', async () => {
  await page.locator('article').filter({ hasText: 'Mistake' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Erase this activity…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase this activity?' });
  await dialog.getByText('Mistake').waitFor();
  await picture(page, 'erase-activity');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await sentences(page).filter({ hasText: 'Mistake' }).waitFor();

  await page.locator('article').filter({ hasText: 'Mistake' }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.getByRole('button', { name: 'More for this activity' }).click();
  await page.getByRole('menuitem', { name: 'Erase this activity…' }).click();
  await dialog.getByRole('button', { name: 'Erase it' }).click();
  await sentences(page).filter({ hasText: 'Mistake' }).waitFor({ state: 'detached' });
  await sentences(page).filter({ hasText: 'erased one activity' }).waitFor();
});

test('a person goes after the list, and only by typing who', async () => {
  await go(page, 'Users');
  await page.getByRole('button', { name: 'More for vera' }).click();
  await page.getByRole('menuitem', { name: 'Erase this person…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase vera?' });
  const erase = dialog.getByRole('button', { name: /^Erase \d+ activities$/ });
  await dialog.getByRole('checkbox', { name: '203.0.113.9' }).waitFor();
  await dialog.getByText('Same office').waitFor();
  expect(await violations(page)).toEqual([]);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 400, height: 900 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'erase-person-narrow');
  if (size) await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await violations(page)).toEqual([]);
  await picture(page, 'erase-person-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  const before = Number(/\d+/.exec((await erase.textContent()) ?? '')?.[0]);
  await dialog.getByRole('checkbox', { name: '203.0.113.9' }).uncheck();
  await dialog.getByRole('button', { name: `Erase ${String(before - 1)} activities` }).waitFor();
  expect(await erase.isDisabled()).toBe(true);
  await dialog.getByLabel('Type vera to confirm').fill('ver');
  expect(await erase.isDisabled()).toBe(true);
  await dialog.getByLabel('Type vera to confirm').fill('vera');
  await erase.click();
  await page.getByRole('row').filter({ hasText: 'vera' }).waitFor({ state: 'detached' });

  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'erased a person' }).first().waitFor();
  await sentences(page).filter({ hasText: 'Same office' }).waitFor();
  expect(await page.locator('main').textContent()).not.toContain('Asked by Vera');
  expect(await log.must(['list', '--json'])).not.toMatch(/vera/i);
  expect(complaints).toEqual([]);
});
