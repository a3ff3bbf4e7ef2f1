// Pictures of the page for people to look at, made only where ACTIVITYLOG_PICTURES names a directory.
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const into = process.env['ACTIVITYLOG_PICTURES'];

/** Keeps a picture of the page. */
export async function picture(page: Page, name: string): Promise<void> {
  if (into) await page.screenshot({ path: join(into, `${name}.png`) });
}
