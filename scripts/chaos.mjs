/**
 * `npm run chaos [-- --minutes <n>] [-- --seed <text>]`: a system of its own in which processes are killed and frozen and
 * connections made bad, while fans use all of the API and a model checks every reply. Exit code 1 for any violation; the
 * logs are then kept. The seed repeats the choices; the timing is the machine's.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './parts/build.mjs';
import { startDatabase } from './parts/database.mjs';
import { install } from './parts/install.mjs';
import { isRunning, stopLeftover } from './parts/leftovers.mjs';
import { main } from './parts/main.mjs';
import { displayPath, root } from './parts/places.mjs';
import { startSystem } from './parts/system.mjs';
import { startTemporal } from './parts/temporal.mjs';

const MINUTES_DEFAULT = 2;
const SEED_MAX = 2 ** 32;
/** Holds and tokens run out within the campaign; the sale has more seats than a user may have. */
const SETTINGS = { AUTH_MODE: 'dev', NODE_ENV: 'development', HOLD_SECONDS: '12', RATE_LIMIT_PER_MINUTE: '' };
/** The database would be killed: it must not be somebody else's. */
const OWN_SERVERS = { DATABASE_URL: '', TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' };
/** In the clone: a folder for temporary files may be in memory, where a commit is never slow. */
const parent = path.join(root, '.frontrow');
const PREFIX = 'chaos-';

const { values: options } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });

await main(async ({ log, signal }) => {
  const minutes = Number(options.minutes ?? MINUTES_DEFAULT);
  if (!(minutes > 0)) throw new Error('--minutes must be a positive number');
  const seed = options.seed ?? String(randomInt(SEED_MAX));
  await install({ log, signal });
  await build({ log, signal });
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  await stopAbandoned(log);
  const dataDir = path.join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(dataDir, { mode: 0o700 });
  log('chaos', `seed ${seed}: the same choices with npm run chaos -- --minutes ${minutes} --seed ${seed}`);
  let exitCode;
  try {
    exitCode = await withServers({ dataDir, log, signal }, (servers) =>
      runCampaign(servers, { seed, minutes, dataDir, log, signal }),
    );
  } finally {
    if (exitCode === 0) rmSync(dataDir, { recursive: true, force: true });
    else log('chaos', `logs and data are kept in ${displayPath(dataDir)}: journal.jsonl has every fault and reply`);
  }
  return exitCode;
});
// All is stopped. Node 20 was seen to spin for ever in its own cleanup afterwards, over a connection that had been reset.
process.exit();

async function withServers(context, work) {
  const servers = [];
  try {
    const env = { ...process.env, ...OWN_SERVERS };
    servers.push(await startDatabase({ ...context, env }), await startTemporal({ ...context, env }));
    return await work({ database: servers[0], temporal: servers[1] });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function runCampaign(servers, { seed, minutes, dataDir, log, signal }) {
  const campaign = await loadCampaign();
  const url = new URL(servers.database.url);
  const proxies = {
    database: await campaign.startProxy(url.host),
    temporal: await campaign.startProxy(servers.temporal.address),
  };
  url.host = proxies.database.address;
  const env = { ...SETTINGS, ...OWN_SERVERS, DATABASE_URL: url.href, TEMPORAL_ADDRESS: proxies.temporal.address };
  try {
    const system = await startSystem({ dataDir, env, log, signal, apis: 2, workers: 2 });
    try {
      return await campaign.runCampaign({ ...system, ...servers, proxies, dataDir }, { seed, minutes, signal });
    } finally {
      await system.stop();
    }
  } finally {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
  }
}

/** In this process, which has the members in its hands. */
async function loadCampaign() {
  const { register } = await import('tsx/cjs/api');
  register();
  return createRequire(import.meta.url)('../chaos/campaign.ts');
}

/** A campaign that was killed could not stop its servers. The folder's name says whose they were; it is kept. */
async function stopAbandoned(log) {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    if (isRunning(Number.parseInt(name.slice(PREFIX.length), 10), 'chaos.mjs')) continue;
    const dir = path.join(parent, name);
    const say = (text) => log('servers', text);
    await stopLeftover(path.join(dir, 'mysql.pid'), dir, say);
    await stopLeftover(path.join(dir, 'temporal.pid'), dir, say);
  }
}
