// Legal hold, from the window: what a held view matches is erased by nobody.
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
  const goal = (type: string, day: number) => ({
    type,
    actor: 'cara',
    occurredAt: `2019-04-0${String(day)}T10:00:00Z`,
    parameters: { goal: { id: '7', name: 'Sign-up' } },
  });
  await log.record([1, 2, 3].map((day) => goal('GoalAdded', day)));
  await log.record([4, 5].map((day) => goal('GoalDeleted', day)));
  await log.must(['view', 'save', 'Evidence', 'type:GoalAdded', '--shared', 'true']);
  browser = await launch();
  ({ page, complaints } = await open(browser, await log.serve()));
  await signIn(page);
  await sentences(page).first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

const views = () => page.getByRole('dialog', { name: 'Views' });

async function pick(item: string): Promise<void> {
  await views().getByRole('button', { name: 'More for Evidence' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function manage(): Promise<void> {
  await page.getByRole('region', { name: 'Views' }).getByRole('button', { name: 'Views' }).click();
  await views().and(page.locator(':focus-within')).waitFor();
}

async function close(): Promise<void> {
  await views().getByRole('button', { name: 'Close' }).click();
  await views().waitFor({ state: 'detached' });
}

/** Opens the dialog that erases the first goal. */
async function erase(): Promise<void> {
  await page.locator('article').filter({ hasText: 'Sign-up' }).last().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Erase this activity…' }).click();
}

test('a view under hold says so, and cannot be removed', async () => {
  await manage();
  await pick('Put under legal hold');
  await views().getByText('Legal hold (Europe/Berlin)').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'hold-views');
  await views().getByRole('button', { name: 'More for Evidence' }).click();
  for (const name of ['Remove…', 'Share no longer', 'Update to what is shown now']) {
    const item = page.getByRole('menuitem', { name });
    expect([name, await item.getAttribute('aria-disabled')]).toEqual([name, 'true']);
  }
  await page.keyboard.press('Escape');
  expect(await log.run(['view', 'remove', 'Evidence'])).toMatchObject({ status: 5 });
  await close();
  await sentences(page).filter({ hasText: 'put the view "Evidence" under legal hold' }).waitFor();
});

test('one activity under hold cannot be erased', async () => {
  await erase();
  const dialog = page.getByRole('dialog', { name: 'Erase this activity?' });
  await dialog.getByText('Under legal hold: 1.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Erase it' }).isDisabled()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'hold-erase');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('retention leaves what is held, and counts it', async () => {
  await go(page, 'Retention');
  await page.getByRole('button', { name: 'Add rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add rule' });
  await dialog.getByLabel('Name').fill('All');
  await dialog.getByText('This rule would remove 2 now.').waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Under hold: 3').waitFor();
  await picture(page, 'hold-retention');
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('row').filter({ hasText: 'Done' }).filter({ hasText: '2' }).waitFor();
  expect(await log.must(['count', 'type:GoalAdded'])).toBe('3\n');
  expect(await log.must(['count', 'type:GoalDeleted'])).toBe('0\n');
});

test('once it is lifted, a rule for the view removes what it matches', async () => {
  await manage();
  await pick('Lift the legal hold');
  const lift = page.getByRole('alertdialog', { name: 'Lift the legal hold on Evidence?' });
  expect(await violations(page)).toEqual([]);
  await picture(page, 'hold-lift');
  await lift.getByRole('button', { name: 'Lift the legal hold' }).click();
  await views().getByText('Legal hold').waitFor({ state: 'detached' });
  await close();
  await page.getByRole('button', { name: 'More for All' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'A shared view' }).check();
  expect(await dialog.getByLabel('View', { exact: true }).locator('option:checked').textContent()).toBe('Evidence');
  await dialog.getByText('This rule would remove 3 now.').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'hold-rule');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row').filter({ hasText: 'The view Evidence' }).waitFor();

  await manage();
  await pick('Remove…');
  const sure = page.getByRole('alertdialog');
  await sure.getByRole('button', { name: 'Remove view' }).click();
  await sure.getByText('The rule "All" of retention').waitFor();
  await sure.getByRole('button', { name: 'Cancel' }).click();
  await close();
  await go(page, 'Timeline');
  await sentences(page).filter({ hasText: 'lifted the legal hold on the view "Evidence"' }).waitFor();
  expect(complaints.filter((one) => !one.includes('409'))).toEqual([]);
});
