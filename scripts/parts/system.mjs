import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startDatabase } from './database.mjs';
import { startMember } from './member.mjs';
import { root } from './places.mjs';
import { freePort } from './ports.mjs';
import { run } from './processes.mjs';
import { startTemporal } from './temporal.mjs';
import { together } from './together.mjs';

const SECRET_BYTES = 32;
/** Whatever the mode of a folder that was there before: logs, databases and secrets in it are for their owner alone. */
const OWNER_ONLY = 0o077;

/**
 * Starts the whole system from `dist`, which must be up to date: database and Temporal with their set-up, then `apis`
 * API processes (the first on `port`) and `workers` worker processes. `env` goes over the environment of this process;
 * a `DATABASE_URL` or `TEMPORAL_ADDRESS` in either is used instead of a private server. What is kept is in `dataDir`.
 *
 * Gives `{url, databaseUrl, temporalAddress, uiUrl, env, servers, apis, workers, stop}`: `env` is what another process
 * needs to join in, `apis` and `workers` are members (see member.mjs), `stop` ends everything, the API first.
 */
export async function startSystem({ dataDir, log = () => {}, signal, env = {}, apis = 1, workers = 1, ...ports }) {
  process.umask(OWNER_ONLY);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const system = { apis: [], workers: [], servers: [] };
  system.stop = async () => {
    // A start that was cut short leaves holes in these lists.
    await Promise.all(system.apis.map((api) => api?.stop()));
    await Promise.all(system.workers.map((worker) => worker?.stop()));
    for (const server of system.servers) await server?.stop();
  };
  try {
    const settings = { ...process.env, ...env };
    settings.TOKEN_SECRET ||= keptSecret(dataDir);
    settings.DRAIN_SECONDS ||= '0'; // no load balancer has to notice
    await startServers(system, { dataDir, log, signal, env: settings }, ports);
    const members = { dataDir, signal, env: { ...settings, ...system.env } };
    await setUp(members);
    log('set-up', 'schema, demo data and search attributes are in place');
    await startMembers(system, { ...members, apis, workers, port: ports.port });
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

async function startServers(system, context, { temporalPort, uiPort }) {
  await together(context.signal, [
    async (signal) => {
      system.servers[0] = await startTemporal({ ...context, signal, port: temporalPort, uiPort });
    },
    async (signal) => {
      system.servers[1] = await startDatabase({ ...context, signal });
    },
  ]);
  const [temporal, database] = system.servers;
  Object.assign(system, { databaseUrl: database.url, temporalAddress: temporal.address, uiUrl: temporal.uiUrl });
  system.env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_UI_URL: temporal.uiUrl ?? '',
    TOKEN_SECRET: context.env.TOKEN_SECRET,
  };
}

async function setUp({ env, signal }) {
  const runTool = (name, over) => run(process.execPath, [entryPoint(name)], { cwd: root, env, signal: over });
  await together(signal, [
    async (over) => {
      await runTool('migrate', over);
      await runTool('seed', over);
    },
    (over) => runTool('temporal-setup', over),
  ]);
}

async function startMembers(system, { apis, workers, port, dataDir, env, signal }) {
  const ports = await Promise.all(Array.from({ length: apis }, (_, index) => (index === 0 && port) || freePort()));
  const start = (kind, index, extra, over) => {
    const name = `${kind}-${index + 1}`;
    const logFile = path.join(dataDir, `${name}.log`);
    return startMember({ name, file: entryPoint(kind), env: { ...env, ...extra }, logFile, signal: over });
  };
  const startApi = async (index, over) => {
    const member = await start('api', index, { PORT: String(ports[index]) }, over);
    system.apis[index] = Object.assign(member, { url: `http://localhost:${ports[index]}` });
  };
  const startWorker = async (index, over) => {
    system.workers[index] = await start('worker', index, {}, over);
  };
  await together(signal, [
    ...ports.map((_, index) => (over) => startApi(index, over)),
    ...Array.from({ length: workers }, (_, index) => (over) => startWorker(index, over)),
  ]);
  system.url = system.apis[0]?.url;
}

/** Queue tokens are signed with it, so it has to be the same at the next start. */
function keptSecret(dataDir) {
  const file = path.join(dataDir, 'token-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(SECRET_BYTES).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

function entryPoint(name) {
  return path.join(root, 'dist/cli', `${name}.js`);
}
