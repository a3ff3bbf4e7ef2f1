// Settings: saved at once, undone, recorded with old and new.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { picture } from './picture';
import { go, open, signIn, violations } from './page';
import { Log, superUser } from './server';

const password = 'nine quiet herons wading';

let log: Log;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  log = await Log.withSuperUser();
  await log.addUser('vera', password, 'view');
  await log.addUser('adam', password, 'admin');
  url = await log.serve();
  browser = await launch();
  ({ page, complaints } = await open(browser, url));
  await signIn(page);
  await go(page, 'Settings');
});

afterAll(async () => {
  await browser?.close();
  await log?.remove();
});

function setting(id: string) {
  return page.locator(`#setting-${id}`);
}

/** The newest activity of a type, from another process. */
async function recorded(type: string): Promise<string> {
  return (await log.must(['list', `type:${type}`, '--limit', '1', '--json'])).replace(/\s+/g, '');
}

test('the screen passes an accessibility scan, light and dark', async () => {
  expect(await violations(page)).toEqual([]);
  await page.getByRole('radio', { name: 'Dark' }).check();
  await setting('theme').getByText('Saved').waitFor();
  expect(await violations(page)).toEqual([]);
  await expect.poll(() => recorded('UserSettingsUpdated')).toContain('"field":"theme","old":"auto","new":"dark"');
});

test('undo puts back what was there before', async () => {
  await setting('theme').getByRole('button', { name: 'Undo: Theme' }).click();
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('auto');
});

test('Gravatar is off, says what it does, and its change is recorded with old and new', async () => {
  const toggle = page.getByRole('switch', { name: 'Gravatar pictures' });
  expect(await toggle.getAttribute('aria-checked')).toBe('false');
  expect(await setting('gravatar').textContent()).toContain('no request leaves this machine');
  await toggle.click();
  await setting('gravatar').getByText('Saved').waitFor();
  expect(await toggle.getAttribute('aria-checked')).toBe('true');
  await expect.poll(() => recorded('SystemSettingsUpdated')).toContain('"field":"gravatar","old":false,"new":true');
  await setting('gravatar').getByRole('button', { name: 'Undo: Gravatar pictures' }).click();
  await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false');
});

test('addresses are masked when recorded, and browsers that ask are not followed', async () => {
  const ip = '203.0.113.7';
  await page.getByRole('radio', { name: '2 bytes' }).check();
  await setting('ipMask').getByText('Saved').waitFor();
  await setting('ipMask').getByText('203.0.113.7 is stored as 203.0.0.0/16').waitFor();
  await expect.poll(() => recorded('PrivacyAnonymizeIpSet')).toContain('"field":"ipMask","old":0,"new":2');
  await log.record([{ type: 'GoalAdded', ip, parameters: { seen: `from ${ip}` } }]);
  const masked = await log.must(['list', 'ip:203.0.0.0/16 type:GoalAdded', '--json']);
  expect(masked).toContain('from 203.0.0.0/16');
  expect(masked).not.toContain(ip);
  await page.getByRole('switch', { name: 'Honour “do not track”' }).click();
  await setting('doNotTrack').getByText('Saved').waitFor();
  await expect.poll(() => recorded('PrivacyDntEnabled')).toContain('"old":false,"new":true');
  await picture(page, 'settings-privacy');
  expect(await violations(page)).toEqual([]);
  await setting('ipMask').getByRole('button', { name: 'Undo: Mask IP addresses' }).click();
  await expect.poll(() => page.getByRole('radio', { name: 'Off', exact: true }).isChecked()).toBe(true);
});

test('serving from the window is off, its change is recorded, and no port is taken that is none', async () => {
  const toggle = page.getByRole('switch', { name: 'Serve while the window is open' });
  expect(await toggle.getAttribute('aria-checked')).toBe('false');
  await toggle.click();
  await setting('serve').getByText('each window of this log serves').waitFor();
  await picture(page, 'settings-serving');
  await expect.poll(() => recorded('SystemSettingsUpdated')).toContain('"field":"serve","old":false,"new":true');
  await page.getByLabel('Port').fill('80a');
  await page.keyboard.press('Tab');
  await setting('port').getByText('The port is a number from 1 to 65535').waitFor();
  await page.getByLabel('Port').fill('8765');
  await page.keyboard.press('Tab');
  await setting('port').getByRole('alert').waitFor({ state: 'detached' });
  await page.getByLabel('Port').fill('9111');
  await page.keyboard.press('Tab');
  await setting('port').getByText('Saved').waitFor();
  await expect.poll(() => recorded('SystemSettingsUpdated')).toContain('"field":"port","old":8765,"new":9111');
  await toggle.click();
  await setting('serve').getByText('Off: nothing listens').waitFor();
});

test('the name of the log is saved when its field is left', async () => {
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Head office');
  await page.keyboard.press('Tab');
  await setting('name').getByText('Saved').waitFor();
  await expect.poll(() => recorded('MeasurableChanged')).toMatch(/"field":"name","old":"[^"]+","new":"Headoffice"/);
});

test('the zone of the log is chosen from a list by keys alone', async () => {
  const zone = page.getByRole('combobox', { name: 'Time zone of the log' });
  await zone.focus();
  await page.keyboard.type('tokyo');
  await page.getByRole('option', { name: 'Tokyo' }).first().waitFor();
  await page.keyboard.press('Enter');
  await setting('siteZone').getByText('Saved').waitFor();
  expect(await zone.inputValue()).toBe('Asia/Tokyo');
  await expect.poll(() => recorded('MeasurableChanged')).toContain('"new":"Asia/Tokyo"');
});

test('preferences are recorded and shown on the timeline with old and new', async () => {
  await page.getByRole('switch', { name: 'Hide my own activity' }).click();
  await setting('hideOwn').getByText('Saved').waitFor();
  await expect.poll(() => recorded('UserPreferenceSet')).toContain('"old":false,"new":true');
  await page.getByRole('switch', { name: 'Hide my own activity' }).click();
  await setting('hideOwn').getByText('Saved').waitFor();
  await go(page, 'Timeline');
  const row = page.locator('article').filter({ hasText: 'hideOwn' }).first();
  await row.getByRole('button', { name: /hideOwn/ }).click();
  await row.getByText('true').first().waitFor();
  await go(page, 'Settings');
});

test('days, and the way to one, are those of the zone chosen', async () => {
  // In Auckland the 2nd of March begins between the first two of these; here it is the 1st for both.
  const times = Array.from({ length: 40 }, (_, i) => new Date(Date.parse('2026-03-01T11:30:00Z') - i * 3_600_000));
  await log.record(
    times.map((at, i) => ({
      type: 'GoalAdded',
      actor: 'bela',
      occurredAt: at.toISOString(),
      parameters: { goal: { id: String(i), name: `nr ${i}` } },
    })),
  );
  const zone = page.getByRole('combobox', { name: 'Time zone', exact: true });
  await zone.focus();
  await page.keyboard.type('auckland');
  await page.getByRole('option', { name: 'Auckland' }).first().waitFor();
  await page.keyboard.press('Enter');
  await setting('zone').getByText('Saved').waitFor();
  await go(page, 'Timeline');
  await page.getByRole('button', { name: 'Go to a date' }).click();
  await page.getByLabel('Go to a date', { exact: true }).last().fill('2026-03-01');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('.strip').textContent()).toBe('Sunday, 1 March 2026');
  expect(await page.locator('article').filter({ hasText: '"nr 1"' }).locator('time').textContent()).toContain('23:30');
  await go(page, 'Settings');
  await setting('zone').getByRole('button', { name: 'Undo: Time zone' }).click();
  await expect.poll(() => zone.inputValue()).toContain('Like this machine');
});

test('the language changes everything at once, and the place is kept', async () => {
  await page.getByLabel('Language', { exact: true }).selectOption('de');
  await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
  await setting('language').getByText('Gespeichert').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  expect(await violations(page)).toEqual([]);
  await setting('language').getByRole('button', { name: 'Rückgängig: Sprache' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
});

test('a setting is found by its words', async () => {
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('gravatar');
  await expect.poll(() => page.locator('[id^="setting-"]').count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Find a setting' }).fill('');
});

test('a wrong current password is said beside its field', async () => {
  await page.getByLabel('Current password').fill('not this one at all');
  await page.getByLabel('New password').fill('three brown foxes asleep');
  await page.getByRole('button', { name: 'Change password' }).click();
  await setting('password').getByRole('alert').waitFor();
  expect(await page.getByLabel('Current password').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Current password').fill(superUser.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await setting('password').getByText('Other sessions have ended').waitFor();
});

test('who is no admin sees the log’s settings and cannot change them', async () => {
  const other = await open(browser, url);
  await signIn(other.page, 'vera', password);
  await go(other.page, 'Settings');
  expect(await other.page.getByRole('switch', { name: 'Gravatar pictures' }).isDisabled()).toBe(true);
  expect(await other.page.getByLabel('Name', { exact: true }).isDisabled()).toBe(true);
  // Nor is there anything that would change nothing in a list of one's own.
  await other.page.getByRole('switch', { name: 'One-letter shortcuts' }).waitFor();
  expect(await other.page.getByText('Hide my own activity').count()).toBe(0);
  expect(await violations(other.page)).toEqual([]);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('an admin of the log changes its name, and not what belongs to super users', async () => {
  const other = await open(browser, url);
  await signIn(other.page, 'adam', password);
  await go(other.page, 'Settings');
  await other.page.getByLabel('Name', { exact: true }).fill('Branch');
  await other.page.keyboard.press('Tab');
  await other.page.locator('#setting-name').getByText('Saved').waitFor();
  expect(await other.page.getByRole('switch', { name: 'Gravatar pictures' }).isDisabled()).toBe(true);
  await expect.poll(() => recorded('MeasurableChanged')).toContain('"old":"Headoffice","new":"Branch"');
  await other.page.context().close();
});

test('signing out everywhere ends this session too', async () => {
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByLabel('Login').waitFor();
  expect(complaints).toEqual([]);
});
