// Helpers for browser tests: a page of a person, and what an accessibility scan finds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import { superUser } from './server';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long a page is waited for, in ms: it only ends what hangs, on a busy machine too. */
export const patience = 30_000;

/** How a page is to be looked at. */
export interface Look {
  size?: { width: number; height: number };
  scheme?: 'light' | 'dark';
  locale?: string;
}

/** Opens a page that keeps what it complains about. */
export async function open(
  browser: Browser,
  url: string,
  look: Look = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: look.size ?? { width: 1280, height: 800 },
    colorScheme: look.scheme ?? 'light',
    locale: look.locale ?? 'en-GB',
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is logged by the browser itself; what the page makes of it is tested.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  await page.goto(url);
  return { page, complaints };
}

/** Signs in, as the first super user if nobody else is named. */
export async function signIn(page: Page, login = superUser.login, password = superUser.password): Promise<void> {
  await page.getByLabel('Login').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
}

/** Goes to a screen by the side bar. */
export async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: screen }).waitFor();
}

interface Violation {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** Waits until this has the focus: keys pressed before go elsewhere. */
export async function focus(target: Locator): Promise<void> {
  await target.and(target.page().locator(':focus')).waitFor();
}

/** Waits until nothing moves or changes its colour any more, but for what does so for ever. */
function settle(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}

/** What an accessibility scan of the page finds, one line a violation. */
export async function violations(page: Page): Promise<string[]> {
  await settle(page);
  await page.evaluate(axeSource);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as { violations: Violation[] };
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('; ')}`,
  );
}

/** In the dialog that records, by keys alone, chooses what happened. */
export async function whatHappened(page: Page, words: string, type: string): Promise<void> {
  await focus(page.getByRole('dialog').getByRole('combobox', { name: 'What happened' }));
  await page.keyboard.type(words);
  await page.getByRole('option', { name: type }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'Result' }).waitFor();
}

/** The sentences on the timeline, newest first, as a person reads them. */
export function sentences(page: Page): Locator {
  return page.locator('article .sentence');
}
