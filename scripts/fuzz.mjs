/**
 * `npm run fuzz`: a whole system of its own, and Schemathesis against all of it: every operation of its OpenAPI
 * document, with right and with wrong data, once as a fan and once as an admin. Anything that the document does not
 * promise is a failure.
 *
 * `npm run fuzz -- --minutes 10 --seed 1 --max-examples 50`: for longer, again, or with fewer cases per operation.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './parts/build.mjs';
import { install } from './parts/install.mjs';
import { main } from './parts/main.mjs';
import { findSchemathesis, fuzz } from './parts/schemathesis.mjs';
import { startSystem } from './parts/system.mjs';

const MINUTES_DEFAULT = 4;
const SEED_MAX = 2 ** 32;
/** Short holds and many tickets: within minutes, some holds are paid, some expire, and few are refused for the limit. */
const SETTINGS = { AUTH_MODE: 'dev', HOLD_SECONDS: '5', MAX_TICKETS_PER_USER: '100' };
/** Strange requests must not reach a database or a Temporal server that somebody else uses. */
const PRIVATE = {
  DATABASE_URL: '',
  TEMPORAL_ADDRESS: '',
  RATE_LIMIT_PER_MINUTE: '',
  RATE_LIMIT_ADDRESS_PER_MINUTE: '',
};
const ROLES = ['user', 'admin'];

const { values: options } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, 'max-examples': { type: 'string' } },
});

await main(async ({ log, signal }) => {
  const minutes = Number(options.minutes ?? MINUTES_DEFAULT);
  if (!(minutes > 0)) throw new Error('--minutes must be a positive number');
  const seed = options.seed ?? String(randomInt(SEED_MAX));
  const program = await findSchemathesis({ log, signal });
  await install({ log, signal });
  await build({ log, signal });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'frontrow-fuzz-'));
  try {
    const system = await startSystem({ dataDir, env: { ...SETTINGS, ...PRIVATE }, log, signal });
    try {
      log('fuzz', `seed ${seed}, ${minutes} minutes: repeat with npm run fuzz -- --minutes ${minutes} --seed ${seed}`);
      const limits = { seconds: Math.ceil((minutes * 60) / ROLES.length), maxExamples: options['max-examples'], seed };
      let failed = false;
      for (const role of ROLES) {
        const passed = await fuzz(program, { url: system.url, role, dataDir, log, signal, ...limits });
        failed ||= !passed;
      }
      return failed ? 1 : 0;
    } finally {
      await system.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
