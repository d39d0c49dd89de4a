import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRunning, readPid } from './leftovers.mjs';
import { root } from './places.mjs';

/** What config.ts reads and another process of the same system must share; what is one process's own (PORT) is not. */
const SHARED_SETTING = /^(AUTH|CURRENCY|DATABASE|HOLD|LOG|MAX_TICKETS|OTEL|QUEUE|TEMPORAL|TOKEN)(_|$)/;
const START_SCRIPT = 'start.mjs';

/** The folder in which `npm start` keeps everything. */
export function dataDirectory(env = process.env) {
  return path.resolve(root, env.FRONTROW_DATA || '.frontrow');
}

/**
 * Makes this process the only one on `dataDir`, or throws. Gives `{crashed, release}`: whether an earlier owner ended
 * without releasing it.
 */
export function claimDirectory(dataDir) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.join(dataDir, 'start.pid');
  const owner = readPid(file);
  if (owner && isRunning(owner, START_SCRIPT)) {
    throw new Error(
      `Frontrow already runs on ${dataDir} (process ${owner}): stop that one, or start another beside it with FRONTROW_DATA=<folder> PORT=<port> npm start`,
    );
  }
  const crashed = existsSync(file);
  rmSync(file, { force: true });
  writeFileSync(file, String(process.pid), { flag: 'wx' });
  return { crashed, release: () => rmSync(file, { force: true }) };
}

/** Leaves a note of what another process needs to join the running system; gives a function that removes it. */
export function publishRuntime(dataDir, env) {
  const file = path.join(dataDir, 'runtime.json');
  const shared = Object.fromEntries(Object.entries(env).filter(([name]) => SHARED_SETTING.test(name)));
  rmSync(file, { force: true }); // the mode below is for new files only
  writeFileSync(file, JSON.stringify({ pid: process.pid, env: shared }, undefined, 2), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** The settings of the system that runs on `dataDir`, or undefined when none does. */
export function readRuntime(dataDir) {
  const file = path.join(dataDir, 'runtime.json');
  if (!existsSync(file)) return undefined;
  const { pid, env } = JSON.parse(readFileSync(file, 'utf8'));
  return isRunning(pid, START_SCRIPT) ? env : undefined;
}
