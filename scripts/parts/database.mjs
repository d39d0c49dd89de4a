import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startComposeDatabase } from './database-compose.mjs';
import { databaseSources } from './database-sources.mjs';
import { readPid, stopLeftover } from './leftovers.mjs';
import { replaceable } from './member.mjs';
import { displayPath, findProgram } from './places.mjs';
import { freePort } from './ports.mjs';
import { run, startChild } from './processes.mjs';

const POLL_MS = 25;
const STOP_GRACE_MS = 30_000;

/**
 * Options of the private server; both MySQL and MariaDB know them. A commit is on disk before it is answered
 * (`flush_log_at_trx_commit`): a sold seat must survive a power cut, so this is never traded for speed.
 */
const SERVER_OPTIONS = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--socket=mysql.sock', // relative to the data folder: a full path may be longer than the 107 bytes a socket may have
  '--pid-file=mysqld.pid',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci',
  '--default-time-zone=+00:00',
  '--transaction-isolation=READ-COMMITTED',
  '--max-connections=400',
  '--innodb-lock-wait-timeout=3',
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=512M',
  '--performance-schema=OFF',
  '--skip-log-bin',
  '--local-infile=OFF',
];

/** MySQL's second protocol would want a second port, and its packaged default for files a folder that is not ours. */
const MYSQL_OPTIONS = ['--mysqlx=OFF', '--secure-file-priv=NULL'];

/**
 * Gives a database: `{url, stop}`. That of `DATABASE_URL` if set, otherwise a private server, which can be replaced (see
 * member.mjs), with its data in `dataDir`, from the first source that works on this machine. `temporary` throws the data
 * away on `stop`.
 */
export async function startDatabase({ dataDir, log, temporary = false, env = process.env, signal }) {
  const say = (text) => log('database', text);
  if (env.DATABASE_URL) {
    say('the one of DATABASE_URL');
    return { url: env.DATABASE_URL, stop: async () => {} };
  }
  for (const source of databaseSources) {
    try {
      const server = await source.find({ env, log: say, signal });
      if (server) return await startPrivate(server, { dataDir, say, temporary, env, signal });
    } catch (error) {
      signal?.throwIfAborted();
      say(`${source.name} did not work, trying the next way: ${error.message}`);
    }
  }
  return startComposeDatabase({ dataDir, log: say, temporary, env, signal });
}

async function startPrivate(server, { dataDir, say, temporary, env, signal }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const home = path.resolve(dataDir, 'mysql');
  const pidFile = path.resolve(dataDir, 'mysql.pid');
  await stopLeftover(pidFile, `--datadir=${home}`, say);
  const settings = await readSettings(server, dataDir);
  const own = process.getuid?.() === 0 ? ['--user=root'] : []; // both refuse to run as root unless told so
  if (!existsSync(home)) await initialise(server, home, own, { say, env, signal });

  const extras = server.flavour === 'MySQL' ? MYSQL_OPTIONS : [];
  const port = await freePort(settings.port);
  writeFileSync(settings.file, JSON.stringify({ ...settings, port }), { mode: 0o600 });
  const initFile = path.resolve(dataDir, 'mysql-init.sql');
  const args = ['--no-defaults', ...own, `--datadir=${home}`, `--port=${port}`, `--init-file=${initFile}`];
  const start = async () => {
    writeFileSync(initFile, initStatements(settings.password), { mode: 0o600 });
    rmSync(path.join(home, 'mysqld.pid'), { force: true });
    const child = await startChild('the database', server.file, [...args, ...SERVER_OPTIONS, ...extras], {
      env,
      logFile: path.join(dataDir, 'mysql.log'),
      pidFile,
      ready: (process, over) => accepts(port, () => readPid(path.join(home, 'mysqld.pid')) === process.pid, over),
      signal,
      graceMs: temporary ? 0 : STOP_GRACE_MS,
    });
    rmSync(initFile);
    return child;
  };
  const database = await replaceable(start);
  say(`${server.flavour} ${server.version} in ${displayPath(home)} (port ${port})`);
  const end = database.stop;
  const stop = async () => {
    await end();
    if (temporary) rmSync(home, { recursive: true, force: true });
  };
  const url = `mysql://frontrow:${settings.password}@127.0.0.1:${port}/frontrow`;
  return Object.assign(database, { url, stop });
}

/** The password is made once; the port is asked for again, so that connection strings survive a restart. */
async function readSettings({ flavour }, dataDir) {
  const file = path.join(dataDir, 'mysql.json');
  if (!existsSync(file)) return { file, flavour, password: randomBytes(24).toString('hex') };
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  if (settings.flavour === flavour) return settings;
  throw new Error(
    `${dataDir} was made by ${settings.flavour}, but only ${flavour} is installed: install ${settings.flavour}, or delete the folder to begin anew`,
  );
}

/** Fills a new data folder under another name first, so that one left half filled is never taken for a database. */
async function initialise({ file, flavour }, home, own, { say, env, signal }) {
  say(`creating ${flavour} data`);
  const fresh = `${home}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const common = ['--no-defaults', ...own, `--datadir=${fresh}`];
  if (flavour === 'MySQL') {
    await run(file, [...common, '--initialize-insecure'], { env, signal }); // `initStatements` gives root a password
  } else {
    const bin = path.dirname(file);
    const installDirs = [bin, path.join(bin, '../bin'), path.join(bin, '../scripts')];
    const installer = findProgram(['mariadb-install-db', 'mysql_install_db'], installDirs, env);
    if (!installer) throw new Error(`${file} came without mariadb-install-db: install MariaDB's server package`);
    // Forced, it does without a host name that can be looked up; the server asks for none either.
    await run(installer, [...common, '--skip-test-db', '--force'], { env, signal });
  }
  renameSync(fresh, home);
}

/** Run by the server itself at every start, before it accepts anybody: no client program is needed to set it up. */
function initStatements(password) {
  return [
    'CREATE DATABASE IF NOT EXISTS frontrow;',
    `CREATE USER IF NOT EXISTS 'frontrow'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    'GRANT ALL ON frontrow.* TO `frontrow`@`127.0.0.1`;',
    'GRANT ALL ON `frontrow\\_%`.* TO `frontrow`@`127.0.0.1`;', // each test file has a database of its own
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
  ].join('\n');
}

/** A server speaks first in this protocol. That it wrote its pid file proves that the port is its own. */
async function accepts(port, isOurs, over) {
  while (!over.aborted) {
    if (isOurs() && (await greets(port))) return;
    await sleep(POLL_MS);
  }
}

function greets(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (result) => (socket.destroy(), resolve(result));
    socket
      .once('data', () => answer(true))
      .once('error', () => answer(false))
      .once('close', () => answer(false));
  });
}
