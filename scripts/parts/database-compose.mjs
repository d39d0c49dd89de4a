import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';
import { freePort } from './ports.mjs';
import { run } from './processes.mjs';

/** docker-compose.yml wants all of them, whichever service is started. */
const SECRETS = ['MYSQL_ROOT_PASSWORD', 'MYSQL_PASSWORD', 'TEMPORAL_DB_PASSWORD', 'TOKEN_SECRET'];

/**
 * Last way to a database: the `mysql` service of docker-compose.yml on a loopback port, as a project of its own for each
 * `dataDir`. Its data is in that project's volume, which `stop` keeps unless `temporary`.
 */
export async function startComposeDatabase({ dataDir, log, temporary, env, signal }) {
  const file = path.join(dataDir, 'compose.json');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const kept = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { password: randomBytes(24).toString('hex') };
  const port = await freePort(kept.port);
  writeFileSync(file, JSON.stringify({ ...kept, port }), { mode: 0o600 });

  const project = `frontrow-${createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 8)}`;
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, kept.password]));
  const options = { cwd: root, env: { ...env, ...secrets, MYSQL_PORT: String(port) } };
  const compose = (args, extra) => run('docker', ['compose', '-p', project, ...args], { ...options, ...extra });
  log('starting MySQL with docker compose');
  try {
    await compose(['up', '--detach', '--wait', 'mysql'], { signal });
  } catch (error) {
    signal?.throwIfAborted();
    const ways = 'No database: install MySQL 8.4 or MariaDB 10.11, or set DATABASE_URL';
    throw new Error(`${ways}.\n  Last tried ${error.message}`);
  }
  const stop = () => compose(temporary ? ['down', '--volumes'] : ['stop']);
  return { url: `mysql://frontrow:${kept.password}@127.0.0.1:${port}/frontrow`, stop };
}
