// 250 activities that carry scripts in every field, exported as a page: none runs, and nothing leaves.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { manyPayloads } from './payloads';
import { picture } from './picture';
import { Log } from './server';
import { setTrap, type Trap } from './watch';

let log: Log;
let browser: Browser;
let trap: Trap;
let page: string;
let away: string;

beforeAll(async () => {
  trap = await setTrap();
  away = trap.address;
  log = await Log.withSuperUser();
  const list = manyPayloads(away);
  expect(new Set(list).size).toBe(250);
  await log.record(
    list.map((text, i) => ({
      type: i % 2 === 0 ? 'GoalChanged' : `Odd${i}`,
      actor: { kind: 'user', name: `${text} ${i}` },
      occurredAt: new Date(Date.parse('2026-03-02T10:00:00Z') + i * 3_600_000).toISOString(),
      site: text,
      object: { kind: 'goal', id: text, name: text },
      changes: [
        { field: text, old: text, new: `${text} ${text}` },
        { field: 'settings', old: { [text]: text }, new: [text] },
      ],
      parameters: { goal: { id: text, name: text }, [text]: { [text]: [text, 1, null] } },
      userAgent: text,
      requestId: text,
      externalId: `${text} ${i}`,
    })),
  );
  page = join(log.data, 'page.html');
  // All there are: an unknown one is refused by name, and the answer lists them.
  const refused = await log.run(['export', '--columns', 'nosuch']);
  const columns = /There are: ([\w, ]+)\./.exec(refused.err)?.[1]?.split(', ') ?? [];
  expect(columns.length).toBeGreaterThan(30);
  await log.must([
    'export',
    '-o',
    page,
    '--format',
    'html',
    '--columns',
    columns.join(','),
    'source:cli before:2026-04-01',
  ]);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  trap?.close();
  await log?.remove();
});

interface Found {
  rows: number;
  ran: boolean;
  dialogs: number;
  elsewhere: string[];
  pages: number;
}

/** Opens a page from the disk and waits for what it would do. `bare` takes its policy away. */
async function look(file: string, bare: boolean): Promise<Found> {
  const context = await browser.newContext({ bypassCSP: bare, reducedMotion: 'reduce' });
  const elsewhere: string[] = [];
  let dialogs = 0;
  context.on('request', (request) => {
    if (request.url() !== `file://${file}`) elsewhere.push(request.url());
  });
  const opened = await context.newPage();
  opened.on('dialog', (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  await opened.goto(`file://${file}`);
  // Every row is drawn once, so that what would load when it is seen does.
  await opened.evaluate(async () => {
    for (const section of document.querySelectorAll('section')) {
      section.scrollIntoView();
      await new Promise((resolve) => requestAnimationFrame(() => resolve(null)));
    }
  });
  if (!bare) await picture(opened, 'payload-export');
  const found = {
    rows: await opened.locator('tbody tr').count(),
    ran: await opened.evaluate(() => '__pwned' in window),
    dialogs,
    elsewhere,
    pages: context.pages().length,
  };
  await context.close();
  return found;
}

const nothing: Found = { rows: 250, ran: false, dialogs: 0, elsewhere: [], pages: 1 };

test('250 payloads in every field of a page do nothing', async () => {
  expect(await look(page, false)).toEqual(nothing);
  expect(trap.asked).toBe(0);
});

test('nor do they where its policy is taken away: every text is escaped', async () => {
  expect(await look(page, true)).toEqual(nothing);
  expect(trap.asked).toBe(0);
});

test('as a control: not escaped, the policy holds them alone; without both they run', async () => {
  const text = await readFile(page, 'utf8');
  const planted = join(log.data, 'planted.html');
  await writeFile(
    planted,
    text.replace(
      '</main>',
      `<script>window.__pwned=1</script><img src=x onerror="window.__pwned=1"><img src="${away}/c.png"></main>`,
    ),
  );
  const held = await look(planted, false);
  expect(held.ran).toBe(false);
  expect(held.elsewhere).toContain(`${away}/c.png`); // tried, and refused by the browser: nobody was asked
  expect(trap.asked).toBe(0);
  const found = await look(planted, true);
  expect(found.ran).toBe(true);
  expect(found.elsewhere).toContain(`${away}/c.png`);
  expect(trap.asked).toBe(1);
});
