/** `npm run worker`: one more worker process, in the foreground, for the system that `npm start` runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from './parts/places.mjs';
import { dataDirectory, readRuntime } from './parts/runtime.mjs';

const runtime = readRuntime(dataDirectory());
if (!runtime && !(process.env.DATABASE_URL && process.env.TEMPORAL_ADDRESS)) {
  console.error(
    `Nothing runs in ${dataDirectory()}: start the system with \`npm start\`, or set DATABASE_URL, TEMPORAL_ADDRESS and TOKEN_SECRET`,
  );
  process.exit(1);
}

const worker = spawn(process.execPath, [path.join(root, 'dist/cli/worker.js')], {
  env: { ...runtime, ...process.env }, // what is set explicitly wins
  stdio: 'inherit',
});
// Ctrl-C reaches the worker by itself; it finishes what it is doing, and this process waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => worker.kill('SIGTERM'));
const [code] = await once(worker, 'exit');
process.exitCode = code ?? 1;
