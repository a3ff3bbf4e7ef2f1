import { defineConfig } from 'vitest/config';

// Browser tests: Chromium against the real binary, two files at a time: each has a program,
// a log and a browser of its own.
export default defineConfig({
  cacheDir: '../node_modules/.vite-e2e',
  test: {
    root: import.meta.dirname,
    include: ['**/*.spec.ts'],
    environment: 'node',
    maxWorkers: 2,
    // Limits only end what hangs: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A condition waits as long as a page does (page.ts), on a busy machine too.
    expect: { poll: { timeout: 30_000 } },
    // Keys and an address that follows them can cross on a busy machine. What needed a second
    // try is printed with its count; what fails twice is a failure.
    retry: 1,
  },
});
