import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = path.resolve(fileURLToPath(import.meta.url), '../../..');

/** Where large tools are kept once for all clones: outside of them, so that a fresh clone starts fast. */
export function cacheDir(env = process.env) {
  const base = env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return env.FRONTROW_CACHE || path.join(base, 'frontrow');
}

/** The first of `names` that is a file in PATH or in `extraDirs`, as a full path, or undefined. */
export function findProgram(names, extraDirs = [], env = process.env) {
  const dirs = [...(env.PATH ?? '').split(path.delimiter).filter(Boolean), ...extraDirs];
  return dirs.flatMap((dir) => names.map((name) => path.join(dir, name))).find((file) => existsSync(file));
}

/** A path as people want to read it: short inside the folder they are in, whole outside. */
export function displayPath(file) {
  const relative = path.relative('', file);
  return relative.startsWith('..') ? file : relative || '.';
}
