// Watches a page for what a script would do that got in.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';

/** What came of a script that got in. */
export interface Found {
  dialogs: string[];
  complaints: string[];
  elsewhere: string[];
  pages: number;
  ran: boolean;
}

/** Watches a context for everything that a script that got in would do. */
export async function watch(context: BrowserContext, at: string): Promise<{ page: Page; found: () => Promise<Found> }> {
  const dialogs: string[] = [];
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  context.on('request', (request) => {
    const from = request.url();
    if (/^https?:/.test(from) && new URL(from).origin !== at) elsewhere.push(from);
  });
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.location().url === `${at}/favicon.ico`) return; // the browser's own wish, where a page names none
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  const found = async (): Promise<Found> => ({
    dialogs,
    complaints,
    elsewhere,
    pages: context.pages().length,
    ran: await page.evaluate(() => '__pwned' in window),
  });
  return { page, found };
}

/** What there is to find where none did. */
export const nothing: Found = { dialogs: [], complaints: [], elsewhere: [], pages: 1, ran: false };

/** A server that must never be asked for anything. */
export interface Trap {
  readonly address: string;
  /** How often it was asked. */
  readonly asked: number;
  close(): void;
}

export async function setTrap(): Promise<Trap> {
  let asked = 0;
  const server = createServer((_, answer) => {
    asked++;
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    close: () => void server.close(),
  };
}
