/**
 * `npm run import-plan -- <file> --schedule <id> --price <category>=<amount> …`: makes the seats of a date by a seating
 * plan, in the system that `npm start` runs or in the database at DATABASE_URL. Exit code 0: all seats are made; 1: none
 * is, and every fault of the file is said.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from './parts/places.mjs';
import { dataDirectory, readRuntime } from './parts/runtime.mjs';

const own = process.env.DATABASE_URL ? {} : readRuntime(dataDirectory());
const tool = spawn(process.execPath, [path.join(root, 'dist/cli/import-plan.js'), ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? process.cwd(), // npm changes it; the file is named from where it was called
  env: { ...process.env, ...own },
  stdio: 'inherit',
});
const [code] = await once(tool, 'exit');
process.exitCode = code ?? 1;
