// 100,000 activities in the list: every one is met once, in either direction, from anywhere.
import { rm, writeFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { open, sentences, signIn } from './page';
import { picture } from './picture';
import { Log } from './server';

const total = 100_000;
const start = Date.parse('2024-01-01T00:00:00Z');
// Ten minutes apart: not quite two years, with days of 144.
const step = 600_000;

let log: Log;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  const file = `${log.data}.ndjson`;
  let lines = '';
  for (let i = 0; i < total; i++) {
    const occurredAt = new Date(start + i * step).toISOString();
    const changes = i % 7 === 0 ? [{ field: 'name', old: `g${i - 1}`, new: `g${i}` }] : [];
    const parameters = { goal: { id: String(i % 50), name: `nr ${i}` } };
    lines += `${JSON.stringify({ type: 'GoalChanged', actor: `user${i % 40}`, occurredAt, changes, parameters, externalId: `e${i}`, result: i % 500 === 0 ? 'failed' : 'ok' })}\n`;
  }
  await writeFile(file, lines);
  try {
    await log.must(['import', '--format', 'ndjson', file]);
  } finally {
    await rm(file);
  }
  const url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, `${new URL(url).origin}/#/timeline?q=type:GoalChanged`, {
    size: { width: 1280, height: 1600 },
  }));
  await signIn(page);
  await sentences(page)
    .filter({ hasText: `nr ${total - 1}"` })
    .waitFor();
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

/** The numbers in the rows that are in the page now, in their order. */
const numbers = () =>
  page.evaluate(() =>
    [...document.querySelectorAll('article .sentence')].map((one) =>
      Number(/nr (\d+)"/.exec(one.textContent ?? '')?.[1]),
    ),
  );

const rail = () => page.getByRole('slider', { name: 'Place in time' });

interface Walk {
  seen: number[];
  /** The most rows that were in the page at once. */
  most: number;
}

/**
 * Scrolls by less than a screen at a time and notes the rows that pass, until this one
 * is met. Runs in the page, waiting for frames, as a hand on a wheel does.
 */
function walk(by: number, goal: number): Promise<Walk> {
  return page.evaluate(
    async ([by, goal]) => {
      const frame = document.querySelector('[role="feed"]')?.parentElement as HTMLElement;
      const seen: number[] = [];
      const met = new Set<number>();
      let most = 0;
      const until = performance.now() + 100_000;
      while (!met.has(goal) && performance.now() < until) {
        const rows = [...frame.querySelectorAll('article')];
        most = Math.max(most, rows.length);
        const box = frame.getBoundingClientRect();
        const inView = rows.filter((row) => {
          const at = row.getBoundingClientRect();
          return at.bottom > box.top && at.top < box.bottom;
        });
        for (const row of by > 0 ? inView : inView.reverse()) {
          const n = Number(/nr (\d+)"/.exec(row.querySelector('.sentence')?.textContent ?? '')?.[1]);
          if (met.has(n)) continue;
          met.add(n);
          seen.push(n);
        }
        frame.scrollTop += by * frame.clientHeight;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      }
      return { seen, most };
    },
    [by, goal] as const,
  );
}

/** Whether each number follows the one before by this step. */
function gaps(seen: number[], by: 1 | -1): string[] {
  const wrong: string[] = [];
  for (let i = 1; i < seen.length; i++) {
    if (seen[i] !== (seen[i - 1] ?? 0) + by) wrong.push(`${seen[i - 1]} → ${seen[i]}`);
  }
  return wrong;
}

// More than the list keeps loaded, so that it has to let go of what is behind it.
const far = total - 1 - 3_240;

test('thousands of rows pass downwards without a gap or a repetition', async () => {
  const { seen, most } = await walk(0.9, far);
  expect(gaps(seen, -1)).toEqual([]);
  expect([seen[0], seen.includes(far)]).toEqual([total - 1, true]);
  expect(most).toBeLessThan(200);
  await picture(page, 'scrolled');
});

test('and back upwards to the newest', async () => {
  const { seen, most } = await walk(-0.9, total - 1);
  expect(gaps(seen, 1)).toEqual([]);
  expect([(seen[0] ?? total) <= far, seen.at(-1)]).toEqual([true, total - 1]);
  expect(most).toBeLessThan(200);
});

test('the rail leads to the middle of the log, and the list reads on from there both ways', async () => {
  const box = await rail().boundingBox();
  if (!box) throw new Error('There is no rail.');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const middle = total / 2;
  await expect.poll(async () => Math.abs(((await numbers())[0] ?? 0) - middle)).toBeLessThan(total / 50);
  const at = new Date(start + middle * step);
  await expect.poll(() => rail().getAttribute('aria-valuetext')).toContain(String(at.getUTCFullYear()));
  await picture(page, 'rail-middle');
  const here = (await numbers())[0] ?? 0;
  const down = await walk(0.9, here - 300);
  const up = await walk(-0.9, here + 300);
  expect(gaps(down.seen, -1)).toEqual([]);
  expect(gaps(up.seen, 1)).toEqual([]);
  expect([down.seen.includes(here - 300), up.seen.includes(here + 300)]).toEqual([true, true]);
});

test('the rail goes by keys to either end', async () => {
  await rail().focus();
  await page.keyboard.press('End');
  await sentences(page).filter({ hasText: 'nr 0"' }).waitFor();
  await page.keyboard.press('Home');
  await sentences(page)
    .filter({ hasText: `nr ${total - 1}"` })
    .waitFor();
});

test('j and k keep the focus on a row in sight', async () => {
  const focus = () =>
    page.evaluate(() => {
      const row = document.activeElement?.closest('article');
      const box = row?.getBoundingClientRect();
      const frame = row?.closest('[role="feed"]')?.parentElement?.getBoundingClientRect();
      if (!row || !box || !frame) return null;
      const inSight = box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
      return inSight ? Number(/nr (\d+)"/.exec(row.textContent ?? '')?.[1]) : null;
    });
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await expect.poll(focus).toBe(total - 1);
  for (let i = 1; i <= 150; i++) {
    await page.keyboard.press('j');
    if (i % 25 === 0) await expect.poll(focus).toBe(total - 1 - i);
  }
  for (let i = 1; i <= 60; i++) await page.keyboard.press('k');
  await expect.poll(focus).toBe(total - 1 - 90);
  // The next failure is where the number divides by 500.
  await page.keyboard.press('n');
  await expect.poll(focus).toBe(Math.floor((total - 1 - 91) / 500) * 500);
  expect(complaints).toEqual([]);
});

test('opening an activity while far down keeps it in sight', async () => {
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Details' });
  await details.waitFor();
  const named = await details.getByRole('heading', { level: 2 }).textContent();
  const row = page.locator('article[aria-current="true"]');
  expect(await row.locator('.sentence').textContent()).toContain(/nr \d+/.exec(named ?? '')?.[0] ?? 'no number');
  await expect
    .poll(() =>
      row.evaluate((element) => {
        const box = element.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight;
      }),
    )
    .toBe(true);
  await picture(page, 'far-details');
});
