import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopLeftover } from './leftovers.mjs';
import { replaceable } from './member.mjs';
import { cacheDir, displayPath, findProgram } from './places.mjs';
import { freePort } from './ports.mjs';
import { run, startChild } from './processes.mjs';
import { sdkDownload } from './sdk-download.mjs';

/** The newest tag that `go install` accepts: later ones carry a `replace` directive, which it refuses. */
const CLI_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const PROGRESS_EVERY_MS = 10_000;
const POLL_MS = 50;

/**
 * The dev server's limits are meant for a quiet laptop: under a sales rush they would refuse what the machine can do.
 * Eager activities skip a trip through the task queue.
 */
const DYNAMIC_CONFIG = {
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceBurstRatio': 2,
  'frontend.namespaceCount': 100_000,
  'frontend.namespaceRPS.visibility': 1_000,
  'frontend.enableExecuteMultiOperation': true, // Update-with-Start
  'history.rps': 100_000,
  // A task whose worker died ten times would be tried again after minutes, ten at the most.
  'history.workflowTaskRetryMaxInterval': '20s',
  'matching.rps': 100_000,
  'system.enableActivityEagerExecution': true,
};

/**
 * Gives a Temporal server: `{address, uiUrl, stop}`. That of `TEMPORAL_ADDRESS` if set, otherwise a dev server, which can
 * be replaced (see member.mjs), with its data in `dataDir`, on `port` and with its Web UI on `uiPort` where those are
 * free. Without `uiPort` it has no Web UI.
 */
export async function startTemporal({ dataDir, log, port, uiPort, env = process.env, signal }) {
  const say = (text) => log('temporal', text);
  if (env.TEMPORAL_ADDRESS) {
    say(`the one of TEMPORAL_ADDRESS (${env.TEMPORAL_ADDRESS})`);
    return { address: env.TEMPORAL_ADDRESS, uiUrl: env.TEMPORAL_UI_URL, stop: async () => {} };
  }
  const program = await findTemporal({ say, env, signal });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.resolve(dataDir, 'temporal.db');
  const pidFile = path.resolve(dataDir, 'temporal.pid');
  await stopLeftover(pidFile, `--db-filename ${file}`, say);

  const ports = await choosePorts(dataDir, { port, uiPort });
  const start = () =>
    startChild('Temporal', program, serverArguments(file, ports, env.TEMPORAL_NAMESPACE), {
      env,
      logFile: path.join(dataDir, 'temporal.log'),
      pidFile,
      ready: (_, over) => answers(ports.http, env.TEMPORAL_NAMESPACE || 'default', over),
      signal,
    });
  const server = await replaceable(start);
  say(`dev server in ${displayPath(file)} (port ${ports.grpc})`);
  const uiUrl = ports.ui && `http://localhost:${ports.ui}`;
  return Object.assign(server, { address: `127.0.0.1:${ports.grpc}`, uiUrl });
}

/** The `temporal` program: on PATH, in the cache, downloaded by the SDK, or built by Go into the cache. */
async function findTemporal({ say, env, signal }) {
  const bin = path.join(cacheDir(env), 'bin');
  const found = findProgram(['temporal'], [bin], env);
  if (found) return found;
  try {
    return await sdkDownload('dev', bin, { say, env, signal });
  } catch (error) {
    signal?.throwIfAborted();
    say(`the download did not work, building it with Go instead: ${error.message.split(': ').at(-1)}`);
  }
  if (!findProgram(['go'], [], env)) {
    throw new Error('No Temporal: put `temporal` on PATH, install Go 1.25 to have it built, or set TEMPORAL_ADDRESS');
  }
  await buildTemporal(bin, { say, env, signal });
  return path.join(bin, 'temporal');
}

async function buildTemporal(bin, { say, env, signal }) {
  const startedAt = Date.now();
  let packages = 0;
  const progress = () => say(`building, ${Math.round((Date.now() - startedAt) / 1000)} s, ${packages} packages so far`);
  say('building the dev server with Go: 2 to 3 minutes, once');
  const timer = setInterval(progress, PROGRESS_EVERY_MS);
  try {
    const options = { env: { ...env, GOBIN: bin }, signal, onLine: () => (packages += 1) };
    await run('go', ['install', '-v', CLI_PACKAGE], options);
  } finally {
    clearInterval(timer);
  }
}

/** Asks for the ports of last time again, so that a bookmarked Web UI and a worker started by hand survive a restart. */
async function choosePorts(dataDir, { port, uiPort }) {
  const file = path.join(dataDir, 'temporal.json');
  const last = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const ports = { grpc: await freePort(port, last.grpc), http: await freePort(last.http) };
  if (uiPort) ports.ui = await freePort(uiPort, last.ui);
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

function serverArguments(file, ports, namespace) {
  const settings = Object.entries(DYNAMIC_CONFIG).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const options = {
    '--ip': '127.0.0.1',
    '--port': ports.grpc,
    '--http-port': ports.http,
    '--db-filename': file,
    '--sqlite-pragma': ['journal_mode=WAL', 'synchronous=NORMAL'],
    '--namespace': namespace || [],
    '--ui-port': ports.ui ?? [],
    '--log-level': 'warn',
    '--color': 'never',
    '--dynamic-config-value': settings,
  };
  const flags = Object.entries(options).flatMap(([flag, values]) =>
    [values].flat().flatMap((value) => [flag, String(value)]),
  );
  return ['server', 'start-dev', ...flags, ...(ports.ui ? [] : ['--headless'])];
}

/** The port is open before the server can do anything; that it knows its namespace shows that it can. */
async function answers(httpPort, namespace, over) {
  const url = `http://127.0.0.1:${httpPort}/api/v1/namespaces/${namespace}`;
  while (!over.aborted) {
    const reply = await fetch(url, { signal: over }).catch(() => undefined);
    await reply?.arrayBuffer();
    if (reply?.ok) return;
    await sleep(POLL_MS);
  }
}
