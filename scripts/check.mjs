/**
 * `npm run check`: checks every invariant of the system that `npm start` runs, or of the one at DATABASE_URL and, where
 * set, TEMPORAL_ADDRESS. Exit code 0: all hold; 1: one is violated, with its rows; 2: it could not be checked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from './parts/places.mjs';
import { dataDirectory, readRuntime } from './parts/runtime.mjs';

const own = process.env.DATABASE_URL ? {} : readRuntime(dataDirectory());
const check = spawn(process.execPath, [path.join(root, 'dist/cli/check.js')], {
  env: { ...process.env, ...own },
  stdio: 'inherit',
});
const [code] = await once(check, 'exit');
process.exitCode = code ?? 2;
