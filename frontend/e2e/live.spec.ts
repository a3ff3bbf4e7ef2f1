// What happens elsewhere appears by itself; a server that goes away is said, and found again.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { open, sentences, signIn } from './page';
import { picture } from './picture';
import { Log } from './server';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  const start = Date.parse('2026-03-01T00:00:00Z');
  const times = Array.from({ length: 300 }, (_, i) => new Date(start + i * 60_000).toISOString());
  await log.record(
    times.map((occurredAt, i) => ({ type: 'GoalAdded', actor: 'bela', occurredAt, ...goal(`old ${i}`) })),
  );
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

function goal(name: string): object {
  return { parameters: { goal: { id: '1', name } } };
}

const frame = () => page.getByRole('feed').locator('..');

test('what another process records appears at the top by itself', async () => {
  await log.record([{ type: 'GoalAdded', actor: 'cara', ...goal('just now') }]);
  await sentences(page).filter({ hasText: 'just now' }).waitFor();
  await expect.poll(() => sentences(page).first().textContent()).toContain('just now');
});

test('whoever pauses is told how many came, also at the top, until they go on', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  const top = (await sentences(page).first().textContent()) ?? '';
  await log.record([{ type: 'GoalAdded', actor: 'cara', ...goal('while paused') }]);
  await page.getByRole('button', { name: '1 new' }).waitFor();
  // Nothing moved: what was first is where it was.
  const first = page.locator('article').filter({ has: page.locator('.sentence', { hasText: top }) });
  const box = await first.first().boundingBox();
  const view = await frame().boundingBox();
  expect(Math.round((box?.y ?? 0) - (view?.y ?? 0))).toBeLessThan(60);
  await page.keyboard.press('l');
  await expect.poll(() => sentences(page).first().textContent()).toContain('while paused');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
});

test('whoever reads further down is not moved, but told how many came', async () => {
  await frame().evaluate((element) => element.scrollBy(0, 4_000));
  await sentences(page).filter({ hasText: 'just now' }).waitFor({ state: 'detached' });
  const row = page
    .getByRole('article')
    .filter({ hasText: /"old 2[0-2]\d"/ })
    .first();
  const id = (await row.getAttribute('id')) ?? '';
  const top = () => page.evaluate((id) => document.getElementById(id)?.getBoundingClientRect().top, id);
  // Rows get their true height once they have been drawn: until then the list may still move.
  let before: number | undefined;
  const still = async () => (before ?? NaN) - (before = (await top()) ?? NaN);
  await expect.poll(still, { interval: 200 }).toBe(0);
  await log.record([1, 2, 3].map((n) => ({ type: 'GoalAdded', actor: 'cara', ...goal(`later ${n}`) })));
  const pill = page.getByRole('button', { name: '3 new' });
  await pill.waitFor();
  expect(await top()).toBe(before);
  await picture(page, 'new-pill');
  await pill.click();
  await expect.poll(() => sentences(page).first().textContent()).toMatch(/later \d/);
  await pill.waitFor({ state: 'detached' });
});

test('a server that went away is said, and what comes after it is found again', async () => {
  const { port } = new URL(url);
  await log.stop();
  await page.getByText('No connection to the program').waitFor();
  expect(await sentences(page).count()).toBeGreaterThan(0);
  await page.getByRole('combobox', { name: 'Search activity' }).fill('later');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await picture(page, 'no-connection');
  // A part of the page that was never needed before is not there, which is said.
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  await page.getByText('A part of this page could not be loaded').waitFor();
  await log.record([{ type: 'GoalAdded', actor: 'cara', ...goal('later 4, meanwhile') }]);
  await log.serve('--listen', `127.0.0.1:${port}`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await sentences(page).filter({ hasText: 'meanwhile' }).waitFor();
  await page.getByText('No connection to the program').waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

test('a page that cannot read its first activities offers to try again', async () => {
  await page.route('**/api/v1/list', (route) => route.abort());
  await page.reload();
  await page.getByRole('heading', { name: 'The activity could not be read' }).waitFor();
  await picture(page, 'first-failure');
  await page.unroute('**/api/v1/list');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await sentences(page).first().waitFor();
});
