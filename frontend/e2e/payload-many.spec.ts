// 250 activities that carry scripts in every field, in the page, a widget and Matomo's HTML format:
// none runs, and nothing leaves. The exported page has a file of its own, payload-export.spec.ts.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { patience, sentences, signIn } from './page';
import { manyPayloads } from './payloads';
import { Log, superUser } from './server';
import { nothing, setTrap, watch, type Trap } from './watch';

let log: Log;
let origin: string;
let browser: Browser;
let trap: Trap;

beforeAll(async () => {
  trap = await setTrap();
  log = await Log.withSuperUser();
  const list = manyPayloads(trap.address);
  expect(new Set(list).size).toBe(250);
  await log.record(
    list.map((text, i) => ({
      type: i % 2 === 0 ? 'GoalChanged' : `Odd${i}`,
      actor: { kind: 'user', name: `${text} ${i}` },
      occurredAt: new Date(Date.parse('2026-03-02T10:00:00Z') + i * 3_600_000).toISOString(),
      site: text,
      object: { kind: 'goal', id: text, name: text },
      changes: [{ field: text, old: { [text]: text }, new: [text] }],
      parameters: { goal: { id: text, name: text }, [text]: { [text]: [text, 1, null] } },
      userAgent: text,
      requestId: text,
      externalId: `${text} ${i}`,
    })),
  );
  origin = new URL(await log.serve()).origin;
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  trap?.close();
  await log?.remove();
});

test('in the page, row by row and each with its details', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const { page, found } = await watch(context, origin);
  page.setDefaultTimeout(patience);
  await page.goto(`${origin}/#/timeline?q=source:cli before:2026-04-01`);
  await signIn(page);
  await sentences(page).first().waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('ARTICLE');
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.waitFor();
  await details.getByRole('tab', { name: 'Details' }).click();
  const selected = (): string => new URLSearchParams(page.url().split('?')[1]).get('sel') ?? '';
  const seen = new Set<string>();
  for (;;) {
    const id = selected();
    expect(seen.has(id)).toBe(false);
    seen.add(id);
    await details.getByRole('tabpanel', { name: 'Details' }).waitFor();
    if (seen.size === 250) break;
    await details.getByRole('button', { name: 'The older one' }).click();
    await expect.poll(selected, { interval: 10 }).not.toBe(id);
  }
  expect(await found()).toEqual(nothing);
  expect(trap.asked).toBe(0);
  await context.close();
});

test('in widgets', async () => {
  const call = async <T>(token: string, operation: string, body: object): Promise<T> => {
    const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`${origin}/api/v1/${operation}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { token } = await call<{ token: string }>('', 'signIn', {
    login: superUser.login,
    password: superUser.password,
  });
  let shown = 0;
  for (const span of [
    'before:2026-03-06',
    'after:2026-03-06 before:2026-03-10',
    'after:2026-03-10 before:2026-04-01',
  ]) {
    const made = await call<{ widget: { id: string }; secret: string }>(token, 'createWidget', {
      name: span,
      query: `source:cli ${span}`,
      ancestors: [],
      limit: 100,
      theme: 'auto',
      everybody: true,
    });
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const { page, found } = await watch(context, origin);
    await page.goto(`${origin}/widget/${made.widget.id}#token=${made.secret}`);
    await page.getByRole('listitem').first().waitFor();
    shown += await page.getByRole('listitem').count();
    expect(await found()).toEqual(nothing);
    await context.close();
  }
  expect(shown).toBe(250);
  expect(trap.asked).toBe(0);
});

test('in Matomo’s HTML format, with and without a policy', async () => {
  const token = await log.must(['token', 'create', '--name', 'html', '--scope', 'read:all', '--allow-get']);
  const query = new URLSearchParams({
    module: 'API',
    method: 'ActivityLog.getEntries',
    format: 'html',
    limit: '-1',
    filter_limit: '-1',
    token_auth: token.trim(),
  });
  for (const bypassCSP of [false, true]) {
    const context = await browser.newContext({ bypassCSP });
    const { page, found } = await watch(context, origin);
    await page.goto(`${origin}/index.php?${query}`);
    expect(await page.locator('tr').count()).toBeGreaterThan(250);
    expect(await page.locator('img, script, iframe, object, embed, svg, form, link, base, style').count()).toBe(0);
    expect(await found()).toEqual(nothing);
    await context.close();
  }
  expect(trap.asked).toBe(0);
});
