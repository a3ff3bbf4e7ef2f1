// CSV of anything: the columns are shown, changed, tried at once, saved, and come in as they were shown.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { go, open, signIn, violations } from './page';
import { picture } from './picture';
import { Log } from './server';

const doors = [
  'Zeitpunkt;Benutzer;Tür;Etage;Ergebnis',
  '23.11.2025 09:15:00;ann;Lab;2;erfolgreich',
  '23.11.2025 09:16:00;ben;Server room;;abgelehnt',
  'yesterday;ben;Lab;2;erfolgreich',
].join('\r\n');

let log: Log;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  const url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Import');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

async function choose(): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose files' }).click(),
  ]);
  await chooser.setFiles({ name: 'doors.csv', mimeType: 'text/csv', buffer: Buffer.from(doors) });
}

const preview = () => page.getByRole('region', { name: 'First records as activities' });
const becomes = (column: string) => page.getByLabel(`What “${column}” becomes`);

test('the columns are suggested by their names and tried at once', async () => {
  await choose();
  await expect.poll(() => becomes('Zeitpunkt').inputValue()).toBe('occurredAt');
  expect(await becomes('Benutzer').inputValue()).toBe('actor');
  await expect.poll(() => page.getByLabel('Zone of times without one').inputValue()).toBe('Europe/Berlin');
  expect(await becomes('Etage').inputValue()).toBe('parameter');
  await page.getByText('Will not go in: 1').waitFor();
  await preview().getByText('ann').waitFor();
  expect(await violations(page)).toEqual([]);
  await picture(page, 'import-mapping');
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'import-mapping-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 400, height: 1400 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'import-mapping-narrow');
  if (size) await page.setViewportSize(size);
});

test('a change is tried at once, by keyboard too', async () => {
  await becomes('Tür').focus();
  await becomes('Tür').selectOption('object.name');
  await preview().getByText('Server room').first().waitFor();
  await page.getByLabel('Kind of object').fill('door');
  await expect.poll(() => preview().getByText('door', { exact: true }).count()).toBe(2);
  await page.getByLabel('Type of all others').fill('');
  await page.getByText('Say which column holds the type').waitFor();
  expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  await page.getByLabel('Type of all others').fill('Door/Opened');
  await preview().getByText('Server room').first().waitFor();
});

test('a mapping is saved, recorded and used again', async () => {
  await page.getByLabel('Save under the name').fill('Doors');
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await page.getByLabel('Saved mapping').waitFor();
  expect((await log.must(['count', 'type:ImportMappingSaved'])).trim()).toBe('1');
  await page.getByRole('button', { name: 'Start over' }).click();
  await choose();
  await expect.poll(() => becomes('Tür').inputValue()).toBe('parameter');
  await page.getByLabel('Saved mapping').selectOption('Doors');
  await expect.poll(() => becomes('Tür').inputValue()).toBe('object.name');
  await preview().getByText('Server room').first().waitFor();
  expect(await violations(page)).toEqual([]);
});

test('what was shown comes in', async () => {
  expect((await log.must(['count', 'source:import'])).trim()).toBe('0');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('article').first().getByText('Done', { exact: true }).waitFor();
  expect((await log.must(['count', 'source:import:csv type:Door/Opened'])).trim()).toBe('2');
  expect((await log.must(['count', 'source:import result:denied'])).trim()).toBe('1');
  expect(complaints).toEqual([]);
});
