// Import and export: a preview before anything is written, a report after, files that are complete.
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, sentences, signIn, violations } from './page';
import { Log } from './server';

const drafts = [
  '{"type":"GoalAdded","actor":"cara","occurredAt":"2026-01-05T09:00:00Z","parameters":{"goal":{"id":"1","name":"Newsletter"}},"externalId":"a1"}',
  '{"type":"GoalAdded","actor":"cara","occurredAt":"2026-01-06T09:00:00Z","parameters":{"goal":{"id":"2","name":"=HYPERLINK(1)"}},"externalId":"a2"}',
  '{"type":"GoalAdded", this is not JSON}',
  '{"type":"GoalDeleted","actor":"dora","occurredAt":"2026-01-07T09:00:00Z","result":"denied","ip":"203.0.113.9","externalId":"a3"}',
].join('\n');

const counted = async (query: string): Promise<number> => Number((await log.must(['count', query])).trim());

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Import');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

async function drop(name: string, content: string): Promise<void> {
  await page.evaluate(
    ([file, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text ?? ''], file ?? ''));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
    },
    [name, content],
  );
}

/** The report's figures, by their names. */
async function figures(): Promise<Record<string, string>> {
  const card = page.getByRole('article').first();
  await card.getByText('Done', { exact: true }).waitFor();
  return card
    .locator('dl > div')
    .evaluateAll((all) =>
      Object.fromEntries(
        all.map((one) => [one.querySelector('dt')?.textContent ?? '', one.querySelector('dd')?.textContent ?? '']),
      ),
    );
}

function focused(): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '');
}

async function chooseFile(): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose files' }).click(),
  ]);
  await chooser.setFiles({ name: 'drafts.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(drafts) });
}

test('chosen files are shown as they would come in, and nothing is written', async () => {
  expect(await violations(page)).toEqual([]);
  await chooseFile();
  const table = page.getByRole('region', { name: 'First records as activities' });
  await table.getByText('Newsletter').first().waitFor();
  await expect.poll(() => table.getByRole('row').count()).toBe(4);
  await table.getByText('Denied', { exact: true }).waitFor();
  await page.getByText('Will not go in: 1').waitFor();
  expect(await violations(page)).toEqual([]);
  expect((await log.must(['count', 'source:import'])).trim()).toBe('0');
});

test('the focus stays at hand when a file is left out', async () => {
  await page.getByRole('button', { name: 'Leave drafts.ndjson out' }).press('Enter');
  await expect.poll(focused).toContain('Choose files');
  await chooseFile();
  await page.getByRole('button', { name: 'Start over' }).press('Enter');
  await expect.poll(focused).toContain('Choose files');
  await chooseFile();
  await page.getByRole('region', { name: 'First records as activities' }).getByText('Newsletter').first().waitFor();
});

test('the import reports what became of each record, the bad line with its number', async () => {
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  expect(await figures()).toMatchObject({ Read: '4', New: '3', Duplicate: '0', Rejected: '1' });
  const rejected = page.getByRole('region', { name: 'Rejected: 1' });
  await rejected.getByRole('cell', { name: '3', exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect((await log.must(['count', 'source:import'])).trim()).toBe('3');
});

test('files dropped on another screen open the import, and repeats are recognised', async () => {
  await go(page, 'Users');
  await drop('again.ndjson', drafts);
  await page.getByRole('heading', { level: 1, name: 'Import' }).waitFor();
  await expect.poll(focused).toContain('Choose files');
  await page.getByRole('region', { name: 'First records as activities' }).getByText('Newsletter').first().waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect.poll(() => page.getByRole('article').count()).toBe(2);
  await expect.poll(figures).toMatchObject({ Read: '4', New: '0', Duplicate: '3', Rejected: '1' });
});

test('a cancelled import keeps what was committed, and the next one goes on from there', async () => {
  const many = Array.from({ length: 30_000 }, (_, i) =>
    JSON.stringify({ type: 'GoalChanged', actor: 'eve', externalId: `m${i}`, parameters: { pattern: `page ${i}` } }),
  ).join('\n');
  const choose = async (): Promise<void> => {
    await drop('many.ndjson', many);
    await page.getByRole('region', { name: 'First records as activities' }).getByText('eve').first().waitFor();
    await page.getByLabel('Name of the source').fill('many');
    await page.getByText('import:ndjson/many').waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
  };
  await choose();
  await page.getByRole('article').first().getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('article').first().getByText('Cancelled', { exact: true }).waitFor();
  const kept = Number((await log.must(['count', 'source:import:ndjson/many'])).trim());
  expect(kept).toBeLessThan(30_000);
  await choose();
  await expect.poll(() => page.getByRole('article').count()).toBe(4);
  await page.getByRole('article').first().getByText('Done', { exact: true }).waitFor({ timeout: 180_000 });
  const { New, Duplicate } = await figures();
  expect(Number(Duplicate?.replace(',', ''))).toBe(kept);
  expect(Number(New?.replace(',', '')) + kept).toBe(30_000);
});

test('a report leads to its activities', async () => {
  await page.getByRole('article').last().getByRole('link', { name: 'Show in the timeline' }).click();
  await sentences(page).filter({ hasText: 'Newsletter' }).waitFor();
  expect(page.url()).toContain('source:import:ndjson/main');
  await expect.poll(() => sentences(page).count()).toBe(3);
});

test('what the query shows is exported, formulas made harmless', async () => {
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByText('Activities: 3').waitFor();
  await dialog.getByRole('button', { name: 'Choose…' }).click();
  await dialog.getByRole('list', { name: 'Columns' }).and(page.locator(':focus')).waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('radio', { name: 'CSV' }).focus();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.keyboard.press('Enter'), // the dialog is a form, and its first field has the focus
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  expect(text.trim().split('\n').length).toBe(4);
  expect(text).toContain('Newsletter');
  expect(text).not.toMatch(/(^|,)"?=HYPERLINK/m);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
});

test('NDJSON has one complete object a line', async () => {
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  await dialog.getByRole('radio', { name: 'NDJSON' }).check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Export' }).click(),
  ]);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    'GoalAdded',
    'GoalAdded',
    'GoalDeleted',
  ]);
  expect(complaints).toEqual([]);
});

test('an import is undone after a question, which stays on record, and its file comes in again', async () => {
  await page.keyboard.press('Escape');
  await go(page, 'Import');
  const past = page.getByRole('region', { name: 'Imports so far' });
  const first = past.getByRole('row').filter({ has: page.getByText('Import 1', { exact: true }) });
  await first.waitFor();
  const all = await past.getByRole('row').count();
  await first.getByRole('button', { name: 'Undo import 1' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByText('erased for good').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  expect(await counted('batch:1')).toBe(3);

  await first.getByRole('button', { name: 'Undo import 1' }).click();
  await question.getByRole('button', { name: 'Erase what it stored' }).click();
  await first.getByText('Undone', { exact: true }).waitFor();
  await first.getByRole('link').and(page.locator(':focus')).waitFor();
  expect(await first.getByRole('button').count()).toBe(0);
  expect(await past.getByRole('row').count()).toBe(all);
  expect(await counted('batch:1')).toBe(0);
  expect(await counted('type:LogErased')).toBe(1);
  expect(await log.must(['verify'])).toMatch(/^verified/);
  expect(await violations(page)).toEqual([]);

  await chooseFile();
  await page.getByRole('region', { name: 'First records as activities' }).getByText('Newsletter').first().waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await past.getByRole('row').nth(all).waitFor();
  expect((await figures())['New']).toBe('3');
  expect(complaints).toEqual([]);
});
