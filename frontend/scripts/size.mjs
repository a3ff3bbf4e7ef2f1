// Prints what a first visit loads, compressed, and fails above the budget:
// 90 kB of JavaScript, 10 kB of CSS. Only what index.html asks for at once counts.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const budget = { js: 90_000, css: 10_000 };
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const sum = { js: 0, css: 0 };
for (const [, file] of html.matchAll(/(?:src|href)="\/?([^"]+\.(?:js|css))"/g)) {
  const bytes = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  sum[file.endsWith('.js') ? 'js' : 'css'] += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB gz  ${file}`);
}
let over = false;
for (const kind of ['js', 'css']) {
  const bad = sum[kind] > budget[kind];
  over ||= bad;
  console.log(
    `first load ${kind}: ${(sum[kind] / 1000).toFixed(1)} of ${budget[kind] / 1000} kB gz${bad ? '  TOO BIG' : ''}`,
  );
}
process.exit(over ? 1 : 0);
