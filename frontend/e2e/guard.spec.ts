// What keeps other sites out, seen from a browser. The header tables are tested in Go.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser';
import { Log } from './server';

let log: Log;
let url: string;
let browser: Browser;
let elsewhere: Server;
let foreign: string;

beforeAll(async () => {
  log = await Log.withSuperUser();
  url = await log.serve();
  browser = await launch();
  elsewhere = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end('<!doctype html><title>elsewhere</title>');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  foreign = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  await browser?.close();
  elsewhere?.close();
  await log?.remove();
});

test('the page loads under its policy without a complaint', async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector('#app')?.childElementCount);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a page of another site can neither read nor call', async () => {
  const page = await browser.newPage();
  await page.goto(foreign);
  const outcomes = await page.evaluate(async (target) => {
    const tries: [string, RequestInit][] = [
      ['', {}],
      ['api/v1/status', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }],
      ['api/v1/status', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{}', mode: 'no-cors' }],
    ];
    return Promise.all(
      tries.map(([path, init]) =>
        fetch(target + path, init).then(
          (answer) => (answer.type === 'opaque' ? 'opaque' : `read ${answer.status}`),
          () => 'refused',
        ),
      ),
    );
  }, url);
  for (const outcome of outcomes) expect(['refused', 'opaque']).toContain(outcome);
  await page.close();
});

test('the page cannot be framed', async () => {
  const page = await browser.newPage();
  await page.goto(foreign);
  const framed = page.waitForEvent('framenavigated').catch(() => null);
  await page.evaluate((target) => {
    const frame = document.createElement('iframe');
    frame.src = target;
    document.body.append(frame);
  }, url);
  await framed;
  const inside = page.frames().filter((frame) => frame !== page.mainFrame());
  for (const frame of inside) expect(await frame.$('#app')).toBeNull();
  await page.close();
});
