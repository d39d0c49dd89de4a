/** `npm run build`: packages and `dist`, if anything changed. */
import { build } from './parts/build.mjs';
import { install } from './parts/install.mjs';
import { main } from './parts/main.mjs';

await main(async ({ log, signal }) => {
  await install({ log, signal });
  await build({ log, signal });
});
