/**
 * `npm run bench [-- --seconds <n>] [-- --only <name>,<name>]`: measures a system of its own on this machine and writes
 * bench/results. `npm run bench -- overload`, `growth`, `waiting`, `storm`, `journeys`, `scale`, `disk` or `two` measures
 * something else; bench/README.md says what. Exit code 1 for a wrong reply or a violated invariant; a missed goal is
 * only shown.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from './parts/build.mjs';
import { install } from './parts/install.mjs';
import { isRunning, stopLeftover } from './parts/leftovers.mjs';
import { main } from './parts/main.mjs';
import { root } from './parts/places.mjs';
import { freePort } from './parts/ports.mjs';
import { run } from './parts/processes.mjs';
import { startSystem } from './parts/system.mjs';

/** In the clone: a folder for temporary files may be in memory, where durable writes cost nothing. */
const parent = path.join(root, '.frontrow');
const PREFIX = 'bench-';
/** What else can be measured, each a folder of `bench`, and how many systems that takes. */
const PARTS = { overload: 1, growth: 1, waiting: 1, storm: 1, journeys: 1, scale: 1, disk: 1, two: 2 };

/**
 * Where the bench's system is not that of `npm start`. Deadlines lie behind its end, so that no scenario pays for the
 * holds of another; many get in, and may hold many seats, so that few users suffice for thousands of holds.
 */
const SETTINGS = {
  HOLD_SECONDS: '3600',
  QUEUE_ACTIVE_SECONDS: '3600',
  QUEUE_MAX_ACTIVE: '100000',
  MAX_TICKETS_PER_USER: '100',
};
/** Nothing of the caller's system may be touched. */
const OWN_SERVERS = { AUTH_MODE: 'dev', NODE_ENV: 'development', DATABASE_URL: '', TEMPORAL_ADDRESS: '' };

await main(async ({ log, signal }) => {
  await install({ log, signal });
  await build({ log, signal });
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  await removeAbandoned(log);
  const { file, options, systems } = readPart();
  await withSystems(systems, [], { log, signal }, (started) => measure(file, options, started, signal));
});

function readPart() {
  const [first, ...others] = process.argv.slice(2);
  const systems = PARTS[first];
  if (systems) return { file: `${first}/main.ts`, options: others, systems };
  return { file: 'main.ts', options: process.argv.slice(2), systems: 1 };
}

/** Starts so many, each with servers and a folder of its own, and ends them when `work` is done. */
async function withSystems(count, started, { log, signal }, work) {
  if (started.length === count) return work(started);
  const dataDir = path.join(parent, `${PREFIX}${process.pid}-${started.length + 1}`);
  try {
    const system = await startSystem({ dataDir, env: { ...SETTINGS, ...OWN_SERVERS }, log, signal });
    try {
      const described = { ...describe(system, dataDir), sparePort: await freePort() };
      return await withSystems(count, [...started, described], { log, signal }, work);
    } finally {
      await system.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measure(file, options, systems, signal) {
  const args = ['--import', 'tsx', path.join(root, 'bench', file), ...options];
  const env = { ...process.env, BENCH_SYSTEMS: JSON.stringify(systems) };
  await run(process.execPath, args, { cwd: root, env, signal, show: true });
}

function describe({ url, databaseUrl, temporalAddress, env, servers, apis, workers }, dataDir) {
  const [temporal, database] = servers;
  const pids = { api: apis[0].pid, worker: workers[0].pid, temporal: temporal.pid, database: database.pid };
  const tokenSecret = env.TOKEN_SECRET;
  return { url, databaseUrl, temporalAddress, tokenSecret, dataDir, settings: SETTINGS, pids };
}

/** A bench that was killed could not clean up. The folder's name says whose it was. */
async function removeAbandoned(log) {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    if (isRunning(Number.parseInt(name.slice(PREFIX.length), 10), 'bench.mjs')) continue;
    const dir = path.join(parent, name);
    const say = (text) => log('servers', text);
    await stopLeftover(path.join(dir, 'mysql.pid'), dir, say);
    await stopLeftover(path.join(dir, 'temporal.pid'), dir, say);
    rmSync(dir, { recursive: true, force: true });
  }
}
