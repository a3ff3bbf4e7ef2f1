// How long a reload takes to its first row, and frames while scrolling. BENCH_LOG names the data
// directory that build/bench.sh has filled; the super user in it is the one of server.ts.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { launch } from './browser';
import { superUser } from './server';

const binary = process.env['ACTIVITYLOG_BINARY'] ?? '../build/bin/activitylog-server';
const reloads = 15;
const rounds = 5;
const wheels = 60;

let server: ChildProcess;
let browser: Browser;
let page: Page;
const lines: string[] = [];

beforeAll(async () => {
  server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', process.env['BENCH_LOG'] ?? '']);
  server.stderr?.pipe(process.stderr);
  const url = await new Promise<string>((resolve, reject) => {
    let out = '';
    server.stdout?.on('data', (data: Buffer) => {
      out += data.toString();
      const found = /^(http:\/\/\S+)\n/m.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
    server.on('exit', () => {
      reject(new Error('serve ended'));
    });
  });
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.getByLabel('Login').fill(superUser.login);
  await page.getByLabel('Password', { exact: true }).fill(superUser.password);
  await page.keyboard.press('Enter');
  await page.locator('article').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  const ended = new Promise((resolve) => server.once('close', resolve));
  server.kill('SIGTERM');
  await ended;
  console.log(`\n${lines.join('\n')}`);
});

function at(list: number[], percent: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor((sorted.length * percent) / 100), sorted.length - 1)] ?? NaN;
}

function report(name: string, list: number[], most: number): void {
  const spread = `${at(list, 50).toFixed(1)} (${at(list, 0).toFixed(1)}–${at(list, 100).toFixed(1)})`;
  lines.push(`${name.padEnd(42)} ${spread.padEnd(28)} ≤ ${most}: ${at(list, 50) <= most ? 'met' : 'not met'}`);
}

test('first row', async () => {
  // Noted by the page itself: the frame after the one with the first row in it.
  await page.addInitScript(() => {
    const look = (): void => {
      if (document.querySelector('article') === null) requestAnimationFrame(look);
      else requestAnimationFrame((now) => ((window as unknown as { firstRow: number }).firstRow = now));
    };
    requestAnimationFrame(look);
  });
  const times: number[] = [];
  for (let i = 0; i < reloads; i++) {
    await page.reload();
    await page.waitForFunction(() => 'firstRow' in window);
    times.push(await page.evaluate(() => (window as unknown as { firstRow: number }).firstRow));
  }
  report(`reload to first row painted, ms, ${reloads} times`, times, 1000);
});

test('scrolling', async () => {
  await page.mouse.move(640, 500);
  const p95: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.evaluate(() => {
      const frames: number[] = [];
      (window as unknown as { frames: number[] }).frames = frames;
      const note = (now: number): void => {
        frames.push(now);
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
    });
    for (let i = 0; i < wheels; i++) await page.mouse.wheel(0, 300);
    const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
    p95.push(
      at(
        frames.slice(1).map((now, i) => now - (frames[i] ?? now)),
        95,
      ),
    );
  }
  report(`scrolling, p95 of a frame, ms, ${rounds} rounds`, p95, 33);
  const last = page.locator('article').last();
  lines.push(`rows scrolled by: ${(await last.getAttribute('aria-posinset')) ?? 'none'}`);
});
