import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';
import { run } from './processes.mjs';
import { buildWeb } from './web.mjs';

const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.built-from');

/** Compiles `src`, bundles the workflows and builds the pages into `dist`, unless `dist` was built from the same files. */
export async function build({ log, signal }) {
  const stamp = hashSources();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const startedAt = Date.now();
  rmSync(dist, { recursive: true, force: true }); // the output of a deleted source must not live on
  const compiler = path.join(root, 'node_modules/.bin/tsc');
  await run(compiler, ['-p', 'tsconfig.build.json'], { cwd: root, signal });
  await run(process.execPath, ['dist/cli/bundle.js'], { cwd: root, signal });
  await buildWeb({ signal });
  writeFileSync(stampFile, stamp);
  log('build', `dist in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function hashSources() {
  const sources = ['src', 'web'].flatMap(filesIn).sort((one, other) => (one < other ? -1 : 1));
  const hash = createHash('sha256');
  for (const file of [...sources, 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}
