import { svelte } from '@sveltejs/vite-plugin-svelte';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { configDefaults, defineConfig } from 'vitest/config';

// `vite` in a browser is the daily way to work: ?host=memory needs nothing else;
// otherwise start `activitylog serve` and name it in ACTIVITYLOG_URL.
const server = process.env['ACTIVITYLOG_URL'] ?? 'http://127.0.0.1:8765';

export default defineConfig({
  plugins: [
    svelte(),
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/lib/paraglide',
      strategy: ['globalVariable', 'baseLocale'],
      outputStructure: 'message-modules', // the same as `npm run messages` writes
    }),
  ],
  build: {
    target: ['safari16.4', 'chrome120', 'firefox120'],
    cssTarget: ['safari16.4', 'chrome120', 'firefox120'],
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy allows fonts only from itself
    reportCompressedSize: false,
    manifest: true, // for scripts/size.mjs
    rolldownOptions: {
      input: ['index.html', 'widget.html'],
      checks: { bundlerTimings: false }, // on a busy machine they warn of nothing else
    },
  },
  server: { port: 5173, proxy: { '/api': { target: server, changeOrigin: true } } },
  test: {
    environment: 'node', // a file that needs a page says so: // @vitest-environment happy-dom
    exclude: [...configDefaults.exclude, 'dist/**'],
    include: ['src/**/*.test.ts'],
    testTimeout: 60_000, // only ends what hangs: a busy machine is no failure
  },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
});
