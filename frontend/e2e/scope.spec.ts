// What a user without super user access can see and ask for in the page: their own, nothing else.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { open, sentences, signIn } from './page';
import { picture } from './picture';
import { Log } from './server';

const password = 'nine quiet herons wading';
const levels = ['view', 'write'] as const;

let log: Log;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  log = await Log.withSuperUser();
  for (const level of levels) await log.addUser(`user${level}`, password, level);
  const goal = { id: '7', name: 'Secretgoal' };
  await log.record(
    ['cara', 'userview', 'userwrite'].map((actor) => ({ type: 'GoalAdded', actor, parameters: { goal } })),
  );
  origin = new URL(await log.serve()).origin;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

const query = (page: Page) => page.getByRole('combobox', { name: 'Search activity' });

async function ask(page: Page, text: string): Promise<void> {
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/list'));
  await query(page).fill(text);
  await query(page).press('Enter');
  await answered;
}

test.each(levels)('role %s sees its own activity and its own screens', async (level) => {
  const login = `user${level}`;
  const { page, complaints } = await open(browser, origin);
  const said: string[] = [];
  page.on('response', (answer) => {
    if (answer.url().includes('/api/v1/'))
      void answer.text().then(
        (text) => said.push(text),
        () => undefined,
      );
  });
  await signIn(page, login, password);
  await sentences(page).first().waitFor();
  for (const text of await sentences(page).allTextContents()) expect(text).toMatch(new RegExp(`^${login} `));

  const links = await page.getByRole('navigation', { name: 'Screens' }).getByRole('link').allTextContents();
  expect(links.map((one) => one.trim())).toEqual(['My activity', 'Connections', 'Settings']);
  expect(await page.getByRole('button', { name: 'Record activity' }).count()).toBe(level === 'write' ? 1 : 0);
  expect(await page.getByRole('button', { name: 'Hide my own activity' }).count()).toBe(0);
  // The actor of a sentence is a name here, not a way to filter by it.
  expect(await sentences(page).first().locator('a.actor').count()).toBe(0);

  await query(page).click();
  await page.getByRole('option').first().waitFor();
  expect((await page.getByRole('option').allTextContents()).join(' ')).not.toMatch(/actor:/);
  await picture(page, `role-${level}`);

  // The row made in this user's name from outside is somebody else's, and so is everything of others.
  for (const text of [
    'user:cara',
    'actor:ann',
    'user:userview user:userwrite user:cara',
    'Secretgoal',
    '-user:me',
    'type:GoalAdded',
  ]) {
    await ask(page, text);
    const settled = page
      .getByRole('heading', { name: 'No activity matches' })
      .or(page.getByRole('alert'))
      .or(sentences(page));
    await settled.first().waitFor();
    for (const sentence of await sentences(page).allTextContents()) expect(sentence).toMatch(new RegExp(`^${login} `));
    expect(await sentences(page).filter({ hasText: 'Secretgoal' }).count()).toBe(0);
  }
  for (const path of ['users', 'import', 'integrity']) {
    await page.evaluate((hash) => (location.hash = hash), `#/${path}`);
    await expect.poll(() => page.url()).toContain('#/not-here');
  }
  // An id that is somebody else's answers like one that nobody has.
  const gone = 'There is no such activity, or not for you.';
  for (const id of ['1', '999999']) {
    await page.goto(`${origin}/#/timeline?sel=${id}`);
    await page.getByText(gone).waitFor();
  }
  expect(said.length).toBeGreaterThan(10);
  expect(said.join('\n')).not.toMatch(/Secretgoal|cara|ann@example/);
  expect(complaints).toEqual([]);
  await page.context().close();
});
