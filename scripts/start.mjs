/** `npm start`: everything, from packages to the API, until Ctrl-C. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './parts/build.mjs';
import { install } from './parts/install.mjs';
import { main } from './parts/main.mjs';
import { keepAlive } from './parts/member.mjs';
import { displayPath } from './parts/places.mjs';
import { freePort, isFree } from './parts/ports.mjs';
import { claimDirectory, dataDirectory, publishRuntime } from './parts/runtime.mjs';
import { startSystem } from './parts/system.mjs';

const PORT_DEFAULT = 3000;
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;
/** The processes of a start that was killed end by themselves, but not before they have finished their requests. */
const CRASHED_GRACE_MS = 20_000;

await main(async ({ log, signal }) => {
  const dataDir = dataDirectory();
  const { crashed, release } = claimDirectory(dataDir);
  try {
    const port = await choosePort(process.env.PORT || PORT_DEFAULT, crashed ? CRASHED_GRACE_MS : 0);
    await install({ log, signal });
    await build({ log, signal });
    const env = { AUTH_MODE: process.env.AUTH_MODE || 'dev' };
    const ports = { port, temporalPort: TEMPORAL_PORT, uiPort: TEMPORAL_UI_PORT };
    const system = await startSystem({ dataDir, env, log, signal, ...ports });
    const unpublish = publishRuntime(dataDir, { ...process.env, ...env, ...system.env });
    try {
      announce(system, dataDir, log);
      await keepAlive({ members: [...system.apis, ...system.workers], servers: system.servers, log, signal });
      log('stopping', 'API, worker, Temporal, database');
    } finally {
      unpublish();
      await system.stop();
    }
  } finally {
    release();
  }
});

async function choosePort(wanted, graceMs) {
  const port = Number(wanted) || (await freePort());
  for (const deadline = Date.now() + graceMs; !(await isFree(port)); await sleep(100)) {
    if (Date.now() >= deadline)
      throw new Error(`Port ${port} is in use: start on another with PORT=${port + 1} npm start`);
  }
  return port;
}

function announce({ url, uiUrl, temporalAddress }, dataDir, log) {
  log('api', `${url}/api/v1, documentation ${url}/docs, metrics ${url}/metrics`);
  log('temporal', uiUrl ? `Web UI ${uiUrl}` : `at ${temporalAddress}`);
  log('logs', path.join(displayPath(dataDir), '*.log'));
  console.log(`Frontrow is ready on ${url}`);
}
