import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { root } from './places.mjs';
import { run } from './processes.mjs';

const COMPRESSIBLE = /\.(html|js|css|svg|json)$/;

/** Builds the pages into `dist/web`, with a compressed twin beside each file, so that serving one costs no computing. */
export async function buildWeb({ signal }) {
  const vite = path.join(root, 'node_modules/.bin/vite');
  await run(vite, ['build', 'web', '--logLevel', 'warn'], { cwd: root, signal });
  const dir = path.join(root, 'dist/web');
  const files = readdirSync(dir, { recursive: true }).filter((name) => COMPRESSIBLE.test(name));
  await Promise.all(files.map((name) => compress(path.join(dir, name))));
}

async function compress(file) {
  const content = readFileSync(file);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  writeFileSync(`${file}.br`, await promisify(brotliCompress)(content, quality));
  writeFileSync(`${file}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }));
}
