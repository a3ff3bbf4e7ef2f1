// Activities that carry scripts in every field: none runs, and nothing leaves for elsewhere.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { patience, sentences, signIn } from './page';
import { payloads } from './payloads';
import { picture } from './picture';
import { Log } from './server';
import { nothing, setTrap, watch, type Trap } from './watch';

let log: Log;
let origin: string;
let browser: Browser;
let trap: Trap;

beforeAll(async () => {
  trap = await setTrap();
  const away = trap.address;
  log = await Log.withSuperUser();
  const list = payloads(away);
  expect(list.length).toBe(50);
  await log.record(
    list.map((text, i) => ({
      type: i % 2 === 0 ? 'GoalChanged' : 'UserLoggedIn',
      actor: { kind: 'user', name: `${text} ${i}` },
      occurredAt: new Date(Date.parse('2026-03-02T10:00:00Z') + i * 60_000).toISOString(),
      site: text,
      object: { kind: 'goal', id: text, name: text },
      changes: [
        { field: text, old: text, new: `${text} ${text}` },
        { field: 'settings', old: { [text]: text }, new: [text] },
      ],
      parameters: { goal: { id: text, name: text }, [text]: { [text]: [text, 1, null] } },
      ip: '203.0.113.7',
      userAgent: text,
      requestId: text,
      externalId: `${text} ${i}`,
      result: i % 5 === 0 ? 'failed' : 'ok',
    })),
  );
  // What comes from elsewhere may also name types of its own.
  const foreign = list.map((text, i) =>
    JSON.stringify({ type: `Odd${i}`, actor: text, raw: text, parameters: { text } }),
  );
  await log.run(['record', '-'], foreign.join('\n'));
  origin = new URL(await log.serve()).origin;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  trap?.close();
  await log?.remove();
});

/** The rows whose text runs into their time. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('article .line')]
      .filter((line) => {
        const time = line.querySelector('.meta')?.getBoundingClientRect().left ?? 0;
        const parts = [...line.querySelectorAll('.sentence, .result, .chip')];
        return parts.some((part) => part.getBoundingClientRect().right > time);
      })
      .map((line) => line.querySelector('.sentence')?.textContent ?? ''),
  );
}

test('the watch notices a script that does run', async () => {
  const context = await browser.newContext();
  const { page, found } = await watch(context, origin);
  await page.setContent(`<title>blank</title><img src=x onerror="window.__pwned=1;alert('here')">`);
  await expect.poll(async () => (await found()).ran).toBe(true);
  expect((await found()).dialogs).toEqual(['here']);
  await page.evaluate(() => fetch('http://127.0.0.1:9/').catch(() => undefined));
  expect((await found()).elsewhere).toEqual(['http://127.0.0.1:9/']);
  await context.close();
});

test('fifty payloads in every field are shown as text and do nothing', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const { page, found } = await watch(context, origin);
  page.setDefaultTimeout(patience);
  await page.goto(`${origin}/#/timeline?q=source:cli before:2026-03-03`);
  await signIn(page);
  await sentences(page).first().waitFor();
  await picture(page, 'payloads');
  expect(await found()).toEqual(nothing);

  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('ARTICLE');
  await page.keyboard.press('x');
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.waitFor();
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const selected = () => new URLSearchParams(page.url().split('?')[1]).get('sel') ?? '';
    const id = selected();
    expect(seen.has(id)).toBe(false);
    seen.add(id);
    // All of the answer is there before the tabs are gone through.
    for (const tab of ['Changes', 'Details', 'Raw', 'Ledger']) {
      await details.getByRole('tab', { name: tab }).click();
      await details.getByRole('tabpanel', { name: tab }).waitFor();
    }
    await details.getByText('Commitment (SHA-256)').waitFor();
    if (i === 20) {
      await details.getByRole('tab', { name: 'Details' }).click();
      await picture(page, 'payload-details');
      expect(await overlaps(page)).toEqual([]);
    }
    if (i === 49) break;
    await details.getByRole('button', { name: 'The older one' }).click();
    await expect.poll(selected).not.toBe(id);
  }
  expect(seen.size).toBe(50);
  expect(await found()).toEqual(nothing);
  expect(trap.asked).toBe(0);
});

test('nor do they where they are searched for, offered, listed and chosen', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const { page, found } = await watch(context, origin);
  page.setDefaultTimeout(patience);
  await page.goto(`${origin}/#/timeline?q=before:2026-03-03 actor:"<img src=x onerror=window.__pwned=1>"`);
  await signIn(page);
  await page.getByRole('heading', { name: 'No activity matches' }).or(sentences(page).first()).first().waitFor();
  const query = page.getByRole('combobox', { name: 'Search activity' });
  for (const text of ['actor:<', 'site:<', 'site:"><', 'pwned']) {
    await query.fill(text);
    await query.press('ArrowDown');
  }
  await query.fill('actor:<');
  await page.getByRole('option').filter({ hasText: '__pwned' }).first().waitFor();
  await picture(page, 'payload-offers');
  await query.press('ArrowDown');
  await query.press('Enter');
  await sentences(page).first().waitFor();
  await page.locator('article').first().click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await picture(page, 'payload-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  expect(await found()).toEqual(nothing);
  expect(trap.asked).toBe(0);
});
