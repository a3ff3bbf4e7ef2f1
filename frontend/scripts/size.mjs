// Prints what a first visit loads, compressed, and fails above the budget: 90 kB of
// JavaScript, 10 kB of CSS. That is the page itself and its first screen, the timeline,
// with all they import; chunks that come later on demand may have 60 kB each. The page of
// a widget, which other pages load in a frame, is bounded apart.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const budget = { js: 90_000, css: 10_000 };
const widgetBudget = { js: 30_000, css: 5_000 };
const chunkBudget = 60_000;
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));

/** The files that a page loads at once. */
function filesOf(...entries) {
  const files = new Set();
  const take = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const other of chunk.imports ?? []) take(other);
  };
  entries.forEach(take);
  return files;
}
const first = filesOf('index.html', 'src/features/timeline/TimelineScreen.svelte').add('theme.js');
const widget = filesOf('widget.html');

const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const show = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB gz`;
let over = false;
for (const name of readdirSync(join(dist, 'assets')).filter((one) => one.endsWith('.js'))) {
  const bytes = size(`assets/${name}`);
  if (first.has(`assets/${name}`) || bytes <= chunkBudget) continue;
  over = true;
  console.log(`${show(bytes)}  assets/${name}  TOO BIG for a chunk`);
}
for (const [name, files, limits] of [
  ['first load', first, budget],
  ['widget', widget, widgetBudget],
]) {
  for (const kind of ['js', 'css']) {
    let sum = 0;
    for (const file of files) if (file.endsWith(`.${kind}`)) sum += size(file);
    const bad = sum === 0 || sum > limits[kind];
    over ||= bad;
    console.log(`${show(sum)}  ${name}, ${kind}, of ${limits[kind] / 1000}${bad ? '  TOO BIG' : ''}`);
  }
}
process.exit(over ? 1 : 0);
