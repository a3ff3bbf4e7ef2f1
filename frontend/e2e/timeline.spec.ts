// The timeline as a person uses it: reading, filtering, keys, details, links, and what it says when there is nothing.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch } from './browser';
import { focus, open, sentences, signIn, violations } from './page';
import { picture } from './picture';
import { Log, superUser } from './server';

const goal = { id: '7', name: 'Sign-up' };
const drafts = [
  {
    type: 'GoalAdded',
    actor: 'bela',
    occurredAt: '2026-03-01T09:15:00Z',
    site: 'shop',
    object: { kind: 'goal', ...goal },
    parameters: { goal },
  },
  {
    type: 'GoalChanged',
    actor: 'bela',
    occurredAt: '2026-03-02T09:15:00Z',
    site: 'shop',
    object: { kind: 'goal', ...goal },
    changes: [
      { field: 'name', old: 'Signup', new: 'Sign-up' },
      { field: 'revenue', old: null, new: 12.5 },
    ],
    parameters: { goal },
    ip: '203.0.113.7',
  },
  { type: 'UserLoggedIn', actor: 'cara', occurredAt: '2026-03-02T10:00:00Z', result: 'denied' },
  {
    type: 'GoalAdded',
    actor: 'cara',
    occurredAt: '2026-03-03T08:00:00Z',
    object: { kind: 'goal', id: '8', name: 'Basket' },
    parameters: { goal: { id: '8', name: 'Basket' } },
  },
];

let log: Log;
let origin: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.record(drafts);
  origin = new URL(await log.serve()).origin;
  browser = await launch();
  ({ page, complaints } = await open(browser, origin));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await signIn(page);
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

beforeEach(() => show(''));

const query = () => page.getByRole('combobox', { name: 'Search activity' });
const details = () => page.getByRole('complementary', { name: 'Details' });
const feed = () => page.getByRole('feed');

/** Shows what a query asks for, as somebody does who follows a link. */
async function show(text: string): Promise<void> {
  // The address follows the box after a moment: what an earlier test left on its way must not win.
  const shown = async () => {
    await page.evaluate((hash) => (location.hash = hash), `#/timeline${text ? `?q=${encodeURIComponent(text)}` : ''}`);
    return query().inputValue();
  };
  await expect.poll(shown, { interval: 200 }).toBe(text);
  await query().blur();
  await sentences(page).first().waitFor();
}

/** The sentence of the row that has the focus. */
function focused(): Promise<string> {
  return page.evaluate(() => document.activeElement?.closest('article')?.querySelector('.sentence')?.textContent ?? '');
}

/** Waits until the timeline shows these and nothing else, newest first. */
async function expectRows(...wanted: RegExp[]): Promise<void> {
  await expect.poll(() => sentences(page).count()).toBe(wanted.length);
  const texts = await sentences(page).allTextContents();
  for (const [i, one] of wanted.entries()) expect(texts[i]).toMatch(one);
}

test('days head their activities, newest first', async () => {
  const days = await feed().locator('h2').allTextContents();
  expect(days.slice(1)).toEqual(['Tuesday, 3 March 2026', 'Monday, 2 March 2026', 'Sunday, 1 March 2026']);
  const texts = await sentences(page).allTextContents();
  const last = texts.slice(-4);
  expect(last[0]).toMatch(/cara added the goal "Basket"/);
  expect(last[1]).toMatch(/cara logged in$/);
  // How it ended is part of what is read out, and is not cut off with a long sentence.
  await feed().getByRole('article', { name: 'cara logged in denied' }).waitFor();
  expect(last[2]).toMatch(/bela changed the goal "Sign-up" for site "shop"/);
  await picture(page, 'timeline');
});

test('a click on a part of a sentence becomes text in the query, and a chip takes it away again', async () => {
  const changed = sentences(page).filter({ hasText: 'changed the goal' });
  await changed.getByRole('link', { name: 'Sign-up' }).click();
  await expect.poll(() => query().inputValue()).toBe('object:goal:7');
  await expectRows(/changed/, /added/);
  await sentences(page).first().getByRole('link', { name: 'bela' }).click();
  await expect.poll(() => query().inputValue()).toBe('object:goal:7 actor:bela');
  await expect.poll(() => decodeURIComponent(page.url())).toContain('q=object:goal:7+actor:bela');
  await picture(page, 'chips');
  const chips = page.getByRole('list', { name: 'Conditions' });
  await chips.getByRole('button', { name: 'Remove object:goal:7' }).click();
  await expect.poll(() => query().inputValue()).toBe('actor:bela');
  await expect.poll(() => page.url()).toMatch(/q=actor:bela$/);
  await chips.getByRole('button', { name: 'Remove actor:bela' }).click();
  await expect.poll(() => query().inputValue()).toBe('');
  // The address follows once the answer is there.
  await expect.poll(() => page.url()).not.toContain('q=');
  await page.goBack();
  await expect.poll(() => query().inputValue()).toBe('actor:bela');
});

test('what is typed is completed by keys', async () => {
  await page.keyboard.press('/');
  await focus(query());
  await page.keyboard.type('type:goalch');
  const offers = page.getByRole('listbox', { name: 'Suggestions' });
  await offers.getByRole('option').filter({ hasText: 'GoalChanged' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => query().getAttribute('aria-activedescendant')).toBe('query-list-0');
  await picture(page, 'completion');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await query().inputValue()).trim()).toBe('type:GoalChanged');
  await expectRows(/bela changed/);
  await query().fill('');
  await page.keyboard.type('actor:car');
  await offers.getByRole('option').filter({ hasText: 'cara' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await expect.poll(async () => (await query().inputValue()).trim()).toBe('actor:cara');
  await expectRows(/Basket/, /cara logged in/);
});

test('a mistake in the query is shown at its place, and the list stays', async () => {
  await show('category:goals');
  await expectRows(/Basket/, /changed/, /added/);
  const before = await sentences(page).allTextContents();
  await query().fill('goal resul:denied');
  await page.keyboard.press('Enter');
  const fault = page.getByRole('alert');
  await fault.waitFor();
  expect(await fault.locator('p').textContent()).toContain('result');
  expect(await fault.locator('mark').textContent()).toBe('r');
  expect(await fault.locator('pre').textContent()).toContain('goal resul');
  expect(await query().getAttribute('aria-invalid')).toBe('true');
  expect(await sentences(page).allTextContents()).toEqual(before);
  await picture(page, 'query-fault');
  await query().fill('result:denied');
  await page.keyboard.press('Enter');
  await expectRows(/cara logged in/);
  await fault.waitFor({ state: 'detached' });
});

test('f, F, a and A filter by the row at hand', async () => {
  await show('category:goals');
  await expectRows(/Basket/, /bela changed/, /bela added/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/Basket/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('f');
  await expect.poll(() => query().inputValue()).toBe('category:goals actor:bela');
  await expectRows(/bela changed/, /bela added/);
  await show('category:goals');
  await expectRows(/Basket/, /bela changed/, /bela added/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/Basket/);
  await page.keyboard.press('F');
  await expect.poll(() => query().inputValue()).toBe('category:goals -actor:cara');
  await expectRows(/bela changed/, /bela added/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('a');
  await expect.poll(() => query().inputValue()).toBe('category:goals -actor:cara type:GoalChanged');
  await expectRows(/bela changed/);
  await show('category:goals');
  await expectRows(/Basket/, /bela changed/, /bela added/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/Basket/);
  await page.keyboard.press('A');
  await expect.poll(() => query().inputValue()).toBe('category:goals -type:GoalAdded');
  await expectRows(/bela changed/);
  await page.keyboard.press('Backspace');
  await expect.poll(() => query().inputValue()).toBe('');
});

test('the details go to the next and the previous one, through their tabs, and show old and new', async () => {
  await show('actor:bela');
  await expectRows(/changed/, /added/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('Enter');
  await details().waitFor();
  const heading = details().getByRole('heading', { level: 2 });
  await expect.poll(() => heading.textContent()).toMatch(/bela changed/);
  const row = (field: string) => details().locator('dl > div').filter({ hasText: field });
  expect(await row('name').locator('del').textContent()).toContain('Signup');
  expect(await row('name').locator('ins').textContent()).toContain('Sign-up');
  expect(await row('revenue').textContent()).toContain('∅');
  expect(await row('revenue').locator('ins').textContent()).toContain('12.5');
  await picture(page, 'details-changes');

  await details().getByRole('tab', { name: 'Details' }).click();
  await details().getByText('203.0.113.7').waitFor();
  await picture(page, 'details-facts');
  await details().getByRole('tab', { name: 'Raw' }).click();
  await details().getByText('No record from outside').waitFor();
  // What is long is read on by keys, which move in the list otherwise.
  await details().getByRole('tabpanel').focus();
  await page.keyboard.press('End');
  const scrolled = () => details().evaluate((panel) => panel.querySelector('.body')?.scrollTop ?? 0);
  await expect.poll(scrolled).toBeGreaterThan(0);
  expect(await heading.textContent()).toMatch(/bela changed/);
  await details().getByRole('tab', { name: 'Ledger' }).click();
  await details().getByText('Commitment (SHA-256)').waitFor();
  await picture(page, 'details-ledger');

  await details().getByRole('button', { name: 'The older one' }).click();
  await expect.poll(() => heading.textContent()).toMatch(/bela added/);
  await details().getByRole('button', { name: 'The newer one' }).click();
  await expect.poll(() => heading.textContent()).toMatch(/bela changed/);
  await page.keyboard.press('Escape');
  await details().waitFor({ state: 'detached' });
});

test('brackets go by days, braces by hours, X shows every change', async () => {
  await show('category:goals');
  await expectRows(/Basket/, /bela changed/, /bela added/);
  await page.keyboard.press('Home');
  await expect.poll(focused).toMatch(/Basket/);
  await page.keyboard.press(']');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('}');
  await expect.poll(focused).toMatch(/bela added/);
  await page.keyboard.press('{');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('[');
  await expect.poll(focused).toMatch(/Basket/);
  await page.keyboard.press('X');
  await feed().locator('del').filter({ hasText: 'Signup' }).waitFor();
  await page.keyboard.press('X');
  await expect.poll(() => feed().locator('del').count()).toBe(0);
});

test('x shows in the list what changed', async () => {
  await show('type:GoalChanged');
  await expectRows(/changed/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('x');
  await feed().locator('del').filter({ hasText: 'Signup' }).waitFor();
  await page.keyboard.press('x');
  await expect.poll(() => feed().locator('del').count()).toBe(0);
});

test('what is read out makes the page no higher than the window', async () => {
  await page.locator('body > .sr-only:not(:empty)').waitFor({ state: 'attached' });
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
});

test('a copied link opens the same place', async () => {
  await show('actor:bela');
  await expectRows(/changed/, /added/);
  await page.keyboard.press('Home');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('j');
  await expect.poll(focused).toMatch(/bela added/);
  await page.keyboard.press('Enter');
  await details().waitFor();
  await page.keyboard.press('c');
  await page.getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await open(browser, link);
  await signIn(other.page);
  await other.page.getByRole('complementary').getByRole('heading').filter({ hasText: 'bela added' }).waitFor();
  await expect.poll(() => sentences(other.page).count()).toBe(2);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
  await page.keyboard.press('Escape');
  // Nor does it need an address bar.
  await show('actor:cara');
  await query().fill('');
  await page.keyboard.press('ControlOrMeta+v');
  await expect.poll(() => query().inputValue()).toBe('actor:bela');
  await details().getByRole('heading').filter({ hasText: 'bela added' }).waitFor();
  await page.keyboard.press('Escape');
});

test('around a moment is what came before and after it, whatever was searched', async () => {
  await show('actor:bela');
  await expectRows(/changed/, /added/);
  await page.keyboard.press('Home');
  await expect.poll(focused).toMatch(/bela changed/);
  await page.keyboard.press('Enter');
  await details().getByRole('button', { name: 'Around this moment' }).click();
  await expect.poll(() => query().inputValue()).toBe('');
  // The newer one stands above it, without scrolling.
  const above = page.locator('article').filter({ hasText: /cara .*denied/ });
  await expect.poll(async () => (await above.boundingBox())?.y ?? -1).toBeGreaterThan(0);
  await page.locator('article[aria-current="true"]').filter({ hasText: 'bela changed' }).waitFor();
  await page.keyboard.press('Escape');
});

test('my activity is mine alone; my own can be hidden', async () => {
  await page.getByRole('link', { name: 'My activity' }).click();
  await page.getByRole('heading', { level: 1, name: 'My activity' }).waitFor();
  await expect.poll(() => sentences(page).count()).toBeGreaterThan(0);
  for (const text of await sentences(page).allTextContents()) expect(text).toMatch(/^Ann Archer /);
  await query().fill('actor:bela');
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await sentences(page).allTextContents()).some((one) => one.includes('bela')))
    .toBe(false);

  await show('');
  await page.getByRole('button', { name: 'Hide my own activity' }).click();
  await expect.poll(() => query().inputValue()).toBe('-actor:me');
  await expect
    .poll(async () => (await sentences(page).allTextContents()).some((one) => one.includes(superUser.name)))
    .toBe(false);
  await page.getByRole('button', { name: 'Hide my own activity' }).click();
  await expect.poll(() => query().inputValue()).toBe('');
});

test('where nothing matches, what to leave out is offered with how many there are then', async () => {
  await page.evaluate(() => (location.hash = '#/timeline?q=actor:bela result:denied'));
  await page.getByRole('heading', { name: 'No activity matches' }).waitFor();
  await page.getByRole('button', { name: 'Without result:denied 2' }).waitFor();
  await picture(page, 'empty-filter');
  await page.getByRole('button', { name: 'Without result:denied' }).click();
  await expectRows(/changed/, /added/);
  await page.evaluate(() => (location.hash = '#/timeline?q=no such no word'));
  await page.getByText('leave out several').waitFor();
  expect(await page.getByRole('button', { name: /^Without/ }).count()).toBe(0);
});

test('an empty log says how to fill it', async () => {
  // Whoever can look has signed in, which is an activity: a reader of an empty log needs an answer made up.
  const other = await open(browser, `${origin}/#/timeline`);
  await other.page.route('**/api/v1/list', (route) =>
    route.fulfill({ json: { items: [], next: null, previous: null } }),
  );
  await signIn(other.page);
  await other.page.getByRole('heading', { name: 'Nothing has happened yet' }).waitFor();
  await other.page.getByText('activitylog record GoalAdded').waitFor();
  expect(await violations(other.page)).toEqual([]);
  await picture(other.page, 'empty-log');
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('while the first page is read, rows are hinted at', async () => {
  const other = await open(browser, `${origin}/#/timeline`);
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await other.page.route('**/api/v1/list', async (route) => {
    await held;
    await route.continue();
  });
  await signIn(other.page);
  await other.page.locator('.bones').waitFor();
  await picture(other.page, 'loading');
  go();
  await sentences(other.page).first().waitFor();
  await other.page.context().close();
});

test('nothing of all this was complained about', () => {
  expect(complaints).toEqual([]);
});
