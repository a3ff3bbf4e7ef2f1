// Prints what a first visit loads, compressed, and fails above the budget: 90 kB of
// JavaScript, 10 kB of CSS. That is the page itself and its first screen, the timeline,
// with all they import; chunks that come later on demand may have 60 kB each.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const budget = { js: 90_000, css: 10_000 };
const chunkBudget = 60_000;
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));

const first = new Set(['theme.js']);
function take(key) {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const css of chunk.css ?? []) first.add(css);
  for (const other of chunk.imports ?? []) take(other);
}
take('index.html');
take('src/features/timeline/TimelineScreen.svelte');

const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const show = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB gz`;
const sum = { js: 0, css: 0 };
for (const file of first) {
  const kind = file.endsWith('.js') ? 'js' : 'css';
  sum[kind] += size(file);
}
let over = false;
for (const name of readdirSync(join(dist, 'assets')).filter((one) => one.endsWith('.js'))) {
  const bytes = size(`assets/${name}`);
  if (first.has(`assets/${name}`) || bytes <= chunkBudget) continue;
  over = true;
  console.log(`${show(bytes)}  assets/${name}  TOO BIG for a chunk`);
}
for (const kind of ['js', 'css']) {
  const bad = sum[kind] > budget[kind];
  over ||= bad;
  console.log(`${show(sum[kind])}  first load, ${kind}, of ${budget[kind] / 1000}${bad ? '  TOO BIG' : ''}`);
}
process.exit(over ? 1 : 0);
