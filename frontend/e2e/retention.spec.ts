// Retention, as a super user keeps it: shown first, removed when said.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, signIn, violations } from './page';
import { picture } from './picture';
import { Log } from './server';

let log: Log;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  const old = Array.from({ length: 12 }, (_, i) => ({
    type: 'GoalAdded',
    actor: 'bela',
    occurredAt: `2019-04-${String(i + 2).padStart(2, '0')}T10:00:00Z`,
    parameters: { goal: { id: String(i), name: 'Kanarienvogel' } },
  }));
  await log.record([...old, { type: 'UserLoggedIn', actor: 'bela', occurredAt: '2019-05-02T10:00:00Z' }]);
  browser = await launch();
  ({ page, complaints } = await open(browser, await log.serve()));
  await signIn(page);
  await go(page, 'Retention');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

test('without rules everything is kept, and the screen says what to do', async () => {
  await page.getByRole('heading', { name: 'Everything is kept for ever' }).waitFor();
  expect(await page.getByRole('button', { name: 'Run now' }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
});

test('a rule says what it would remove before it is saved', async () => {
  await page.getByRole('button', { name: 'Add rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add rule' });
  await dialog.getByLabel('Name').fill('Old goals');
  await dialog.getByText('This rule would remove 13 now.').waitFor();
  await dialog.getByRole('radio', { name: 'One category' }).check();
  await dialog.getByLabel('Category', { exact: true }).selectOption({ label: 'Goals' });
  await dialog.getByText('This rule would remove 12 now.').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'retention-rule');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('A run would remove 12 activities now.').waitFor();
  await page.getByText('The oldest is of').waitFor();
  expect(await page.getByRole('row', { name: /Old goals/ }).textContent()).toContain('2 years');
  expect(await log.must(['list', 'type:PrivacyDeleteLogsSet', '--json'])).toContain(
    'Old goals: category:goals, 2 years',
  );
});

test('the first rule that fits counts: their order is changed', async () => {
  await page.getByRole('button', { name: 'Add rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add rule' });
  await dialog.getByLabel('Name').fill('The rest');
  await dialog.getByText('This rule would remove 1 now.').waitFor();
  await dialog.getByRole('radio', { name: 'For ever' }).check();
  await dialog.getByText('never removed').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'More for The rest' }).click();
  await page.getByRole('menuitem', { name: 'Move up' }).click();
  await page.getByText('A run would remove nothing now.').waitFor();
  await page.getByRole('button', { name: 'More for The rest' }).click();
  await page.getByRole('menuitem', { name: 'Remove rule' }).click();
  await page.getByText('A run would remove 12 activities now.').waitFor();
});

test('it is switched on with old and new on the timeline', async () => {
  await page.getByRole('switch', { name: 'Remove old activity by itself' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Today they would remove: 12').waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Switch on' }).click();
  await page.getByRole('radio', { name: 'Weekly' }).check();
  await page.getByText('Next on').waitFor();
  await expect
    .poll(() => log.must(['list', 'type:PrivacyScheduleDeletionSet', '--json']))
    .toContain('"old":"monthly","new":"weekly"');
});

test('a run removes what was shown, and stands in the history', async () => {
  await page.getByRole('button', { name: 'Run now' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Activities: 12').waitFor();
  await picture(page, 'retention-run');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('row').filter({ hasText: 'Done' }).filter({ hasText: '12' }).waitFor();
  await page.getByText('A run would remove nothing now.').waitFor();
  expect(await log.must(['count', 'kanarienvogel'])).toBe('0\n');
  expect(await log.must(['list', 'type:LogErased'])).toContain('erased 12 activities in retention run 1');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'retention');
});

test('it fits a narrow, dark window', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 400, height: 800 });
  await picture(page, 'retention-narrow');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
