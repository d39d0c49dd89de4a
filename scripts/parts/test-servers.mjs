import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { startDatabase } from './database.mjs';
import { isRunning, stopLeftover } from './leftovers.mjs';
import { root } from './places.mjs';
import { run } from './processes.mjs';
import { startTemporal } from './temporal.mjs';
import { timeSkippingServer } from './time-skipping.mjs';
import { together } from './together.mjs';

const PREFIX = 'frontrow-test-';

/**
 * Starts what the tests need, in a folder of its own and on free ports: `{dir, env, stop}`, with `env` for Jest. `stop`
 * also deletes the folder.
 */
export async function startTestServers({ log, signal }) {
  await removeAbandoned(log);
  const dir = mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  const started = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  };
  const keep = (server) => (started.push(server), server);
  try {
    const [database, temporal, timeSkipping] = await together(signal, [
      async (over) => keep(await startDatabase({ dataDir: dir, log, temporary: true, signal: over })),
      async (over) => keep(await startTemporal({ dataDir: dir, log, signal: over })),
      (over) => timeSkippingServer({ log, signal: over }),
    ]);
    // Not beside the others: two apt-get at once would be in each other's way.
    const browser = await findBrowser({ log, signal });
    const env = {
      ...(browser ? { BROWSER_PROGRAM: browser } : {}),
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TIME_SKIPPING_SERVER: timeSkipping,
      TOKEN_SECRET: randomBytes(32).toString('hex'),
      AUTH_MODE: 'dev',
    };
    await registerSearchAttributes({ ...process.env, ...env }, signal);
    return { dir, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function registerSearchAttributes(env, signal) {
  const script = path.join(root, 'dist/cli/temporal-setup.js');
  if (existsSync(script)) await run(process.execPath, [script], { cwd: root, env, signal });
}

/** A test run that was killed could not clean up: its servers and its folder go now. The folder's name says whose it is. */
async function removeAbandoned(log) {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = path.join(tmpdir(), name);
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (isRunning(owner, 'test.mjs') || statSync(dir).uid !== process.getuid()) continue;
    const say = (text) => log('servers', text);
    await stopLeftover(path.join(dir, 'mysql.pid'), dir, say);
    await stopLeftover(path.join(dir, 'temporal.pid'), dir, say);
    rmSync(dir, { recursive: true, force: true });
  }
}
