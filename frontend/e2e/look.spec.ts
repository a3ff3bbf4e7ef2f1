// How the pages look and read: accessibility scans, narrow windows, dark and light, German.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { focus, go, open, sentences, signIn, violations, type Look } from './page';
import { picture } from './picture';
import { Log } from './server';

let log: Log;
let fresh: Log;
let firstRun: string;
let url: string;
let browser: Browser;

beforeAll(async () => {
  fresh = await Log.make();
  firstRun = await fresh.serve();
  log = await Log.withSuperUser();
  const actors = ['bela', 'cara', 'a-service-with-a-rather-long-name@example.org', 'דנה'];
  await log.record(
    Array.from({ length: 60 }, (_, i) => ({
      type: i % 3 === 0 ? 'GoalChanged' : 'GoalAdded',
      actor: actors[i % 4],
      occurredAt: new Date(Date.parse('2026-03-02T10:00:00Z') - i * 3_600_000).toISOString(),
      site: 'shop',
      object: { kind: 'goal', id: String(i), name: `Sign-up ${'with a long name '.repeat(i % 5)}` },
      changes: i % 3 === 0 ? [{ field: 'name', old: 'Signup', new: `Sign-up ${'W'.repeat(i)}` }] : [],
      parameters: { goal: { id: String(i), name: `Sign-up ${'with a long name '.repeat(i % 5)}` } },
      ip: '203.0.113.7',
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      result: i % 10 === 3 ? 'denied' : 'ok',
    })),
  );
  url = new URL(await log.serve()).origin;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
  await fresh?.remove();
});

async function inside(look: Look, work: (page: Page) => Promise<void>): Promise<void> {
  const { page, complaints } = await open(browser, url, look);
  try {
    await signIn(page);
    await sentences(page).first().waitFor();
    await work(page);
    expect(complaints).toEqual([]);
  } finally {
    await page.context().close();
  }
}

/** Whether anything is wider than the window. */
const tooWide = (page: Page) =>
  page.evaluate(() => {
    const root = document.scrollingElement;
    return root ? root.scrollWidth - root.clientWidth : -1;
  });

async function openDetails(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#/timeline?q=type:GoalChanged'));
  await page.getByText('20 activities').first().waitFor();
  await page.locator('article').nth(1).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('complementary').getByRole('heading', { level: 2 }).waitFor();
  await page.getByRole('tab').first().waitFor();
}

test.each(['light', 'dark'] as const)('the doors pass a scan, %s', async (scheme) => {
  for (const [name, door] of [
    ['first-run', firstRun],
    ['sign-in', url],
  ] as const) {
    const { page, complaints } = await open(browser, door, { scheme });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await picture(page, `${name}-${scheme}`);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});

test.each(['light', 'dark'] as const)('the timeline, its details and the palette pass a scan, %s', (scheme) =>
  inside({ scheme }, async (page) => {
    await picture(page, `look-${scheme}`);
    expect(await violations(page)).toEqual([]);
    await openDetails(page);
    await picture(page, `look-details-${scheme}`);
    expect(await violations(page)).toEqual([]);
    for (const tab of ['Details', 'Raw', 'Ledger']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel', { name: tab }).waitFor();
      expect(await violations(page)).toEqual([]);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await picture(page, `look-palette-${scheme}`);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.evaluate(() => (location.hash = '#/timeline?q=type:GoalAdded nothinglikethis'));
    await page.getByRole('heading', { name: 'No activity matches' }).waitFor();
    expect(await violations(page)).toEqual([]);
  }),
);

test('a scan finds what is wrong', () =>
  inside({}, async (page) => {
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('img')));
    expect((await violations(page)).join()).toContain('image-alt');
  }));

test.each([
  [900, 700],
  [560, 800],
  [320, 640],
])('nothing is wider than a window of %i', (width, height) =>
  inside({ size: { width, height }, scheme: width === 900 ? 'dark' : 'light' }, async (page) => {
    await picture(page, `narrow-${width}`);
    expect(await tooWide(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await openDetails(page);
    await picture(page, `narrow-${width}-details`);
    expect(await tooWide(page)).toBe(0);
    await page.keyboard.press('Escape');
    for (const screen of ['Users', 'Import', 'Connections', 'Integrity', 'Settings']) {
      await go(page, screen);
      await picture(page, `narrow-${width}-${screen.toLowerCase()}`);
      expect(await tooWide(page), screen).toBe(0);
    }
  }),
);

test.each([
  [1280, 800],
  [700, 800],
])('letters of twice the size are not cut off at %i', async (width, height) => {
  const large = await launch('--blink-settings=defaultFontSize=32');
  try {
    const { page, complaints } = await open(large, url, { size: { width, height } });
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('32px');
    await signIn(page);
    await sentences(page).first().waitFor();
    for (const screen of ['Timeline', 'Users', 'Import', 'Connections', 'Integrity', 'Settings']) {
      await go(page, screen);
      await picture(page, `large-${width}-${screen.toLowerCase()}`);
      expect(await tooWide(page), screen).toBe(0);
      // Names may end in dots; buttons, titles and what is to be chosen may not.
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('nav *, h1, h2, th, button, label')]
          .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.textContent),
      );
      expect(cut, screen).toEqual([]);
      const hidden = await page.locator('a.skip').boundingBox();
      expect((hidden?.y ?? 0) + (hidden?.height ?? 0)).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
  } finally {
    await large.close();
  }
});

test('details that cover the list have the focus, and give it back', () =>
  inside({ size: { width: 500, height: 800 } }, async (page) => {
    const focus = () => page.evaluate(() => document.activeElement?.closest('aside, article')?.tagName ?? '');
    await openDetails(page);
    await expect.poll(focus).toBe('ASIDE');
    await page.keyboard.press('j');
    await page.locator('article').nth(2).and(page.locator('[aria-current]')).waitFor({ state: 'attached' });
    expect(await focus()).toBe('ASIDE');
    await page.keyboard.press('Escape');
    await expect.poll(focus).toBe('ARTICLE');
  }));

test('the page speaks German: the door because the browser does, the rest because its reader asks for it', async () => {
  const { page, complaints } = await open(browser, url, { locale: 'de-DE' });
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
  expect(await violations(page)).toEqual([]);
  await page.context().close();
  expect(complaints).toEqual([]);
  await inside({}, async (page) => {
    await page.keyboard.press('Control+k');
    await focus(page.getByRole('dialog').getByRole('combobox'));
    await page.keyboard.type('deutsch');
    await page.getByRole('option', { name: 'Deutsch' }).first().waitFor();
    await page.keyboard.press('Enter');
    await sentences(page).filter({ hasText: 'hinzugefügt' }).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    await picture(page, 'german');
    expect(await violations(page)).toEqual([]);
  });
});
