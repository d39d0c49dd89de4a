import { defineConfig } from 'vite';

/** Where `npm start` serves the API, for `npx vite web`, the page with hot reloading. */
const API_ORIGIN = 'http://localhost:3000';

export default defineConfig({
  root: import.meta.dirname,
  server: { proxy: { '/api': API_ORIGIN, '/web-config.json': API_ORIGIN, '/openapi.json': API_ORIGIN } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: script or style, and files of their own are kept for a year.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { fan: 'index.html', ops: 'ops.html' } },
  },
});
