import { defineConfig } from 'vitest/config';

// Figures of the page, over the log that make bench has built. They print, and assert nothing.
export default defineConfig({
  cacheDir: '../node_modules/.vite-bench',
  test: {
    root: import.meta.dirname,
    include: ['**/*.bench.ts'],
    environment: 'node',
    disableConsoleIntercept: true,
    reporters: ['dot'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
