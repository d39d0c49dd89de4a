import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';
import { run } from './processes.mjs';

/** Installs the packages of package-lock.json with `npm ci`, unless node_modules holds exactly those already. */
export async function install({ log, signal }) {
  if (isInstalled()) return;
  log('packages', 'npm ci');
  const startedAt = Date.now();
  await run('npm', ['ci', '--no-progress'], { cwd: root, signal });
  log('packages', `installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

/** npm leaves a record of what it installed; packages for other platforms are in the lock file only. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([name, { version, optional }]) => {
    return name === '' || (present[name] ? present[name].version === version : optional);
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
