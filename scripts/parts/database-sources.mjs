import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, findProgram } from './places.mjs';
import { run } from './processes.mjs';

const SERVER_PROGRAMS = ['mysqld', 'mariadbd'];
const SBIN_DIRS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin', '/opt/homebrew/bin'];
/** MySQL's long-term support line; the package downloads its newest release. */
const MYSQL_VERSION = '8.4.x';
const DOWNLOAD_LIMIT_MS = 600_000;

/**
 * Where a database server program can come from, in the order tried. `find` gives `{file, flavour, version}` of a
 * server that can run as a private instance, or undefined where this way is not open on this machine.
 */
export const databaseSources = [
  { name: 'mysqld or mariadbd on PATH', find: installedServer },
  { name: 'apt-get install mariadb-server', find: debianPackage },
  { name: "npm's mysql-memory-server", find: npmPackage },
];

async function installedServer({ env, signal }) {
  const file = findProgram(SERVER_PROGRAMS, SBIN_DIRS, env);
  return file && describe(file, signal);
}

async function debianPackage({ env, log, signal }) {
  const aptGet = findProgram(['apt-get'], [], env);
  const present = findProgram(SERVER_PROGRAMS, SBIN_DIRS, env); // was tried before this, and there can be only one
  if (!aptGet || present || process.getuid() !== 0) return undefined;
  log('installing mariadb-server with apt-get');
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, timeoutMs: DOWNLOAD_LIMIT_MS };
  await run(aptGet, ['update', '-qq'], options);
  // The core packages are the server without its system service: nothing is set up or started beside our own instance.
  const packages = ['mariadb-server-core', 'mariadb-client-core'];
  await run(aptGet, ['install', '-y', '-qq', '--no-install-recommends', '--no-remove', ...packages], options);
  return installedServer({ env, signal });
}

/** The package downloads and runs servers of its own; here it only fetches one, which then runs like any other. */
async function npmPackage({ env, log, signal }) {
  const home = path.join(cacheDir(env), 'mysql-memory-server');
  const downloaded = () => {
    const files = existsSync(home) ? readdirSync(home, { recursive: true }) : [];
    const file = files.find((name) => name.endsWith(path.join('bin', 'mysqld')));
    return file && describe(path.join(home, file), signal);
  };
  if (await downloaded()) return downloaded();
  log(`downloading MySQL ${MYSQL_VERSION} with npm's mysql-memory-server`);
  mkdirSync(home, { recursive: true });
  // It downloads into the folder for temporary files, which has to be the cache to last.
  const options = { cwd: home, env: { ...env, TMPDIR: home }, signal, timeoutMs: DOWNLOAD_LIMIT_MS };
  await run('npm', ['install', '--no-save', '--prefix', home, 'mysql-memory-server@1'], options);
  const fetchOnce = `require('mysql-memory-server').createDB({ version: '${MYSQL_VERSION}' }).then((db) => db.stop())`;
  await run(process.execPath, ['--eval', fetchOnce], options);
  return downloaded();
}

/** `mysqld` may be either of the two: only its answer tells. */
async function describe(file, signal) {
  const answer = await run(file, ['--no-defaults', '--version'], { signal });
  const version = /Ver (\d+\.\d+)/.exec(answer)?.[1] ?? 'of unknown version';
  return { file: realpathSync(file), flavour: answer.includes('MariaDB') ? 'MariaDB' : 'MySQL', version };
}
