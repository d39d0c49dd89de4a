/**
 * `npm test`: format, lint, types, build, then every test against a private database and a private Temporal server.
 * `npm test -- <jest arguments>`: those tests only, without the static checks.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from './parts/build.mjs';
import { install } from './parts/install.mjs';
import { main } from './parts/main.mjs';
import { root } from './parts/places.mjs';
import { run } from './parts/processes.mjs';
import { startTestServers } from './parts/test-servers.mjs';

/** Cheap and telling ones first. */
const FOLDERS = ['unit', 'workflow', 'replay', 'integration', 'concurrency', 'e2e', 'browser', 'kill', 'chaos'];
/** What measures how fast something is wants no other test beside it. */
const ALONE = new Set(['browser']);
const STATIC_CHECKS = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['page types', 'tsc', '--noEmit', '-p', 'web/tsconfig.json'],
];
const jestArguments = process.argv.slice(2);

await main(async ({ log, signal }) => {
  const context = { log, signal };
  const total = { passed: 0, failed: 0 };
  await install(context);
  if (jestArguments.length > 0) {
    await buildIfPossible(context);
    await withServers(context, (servers) => runJest('chosen', jestArguments, servers, total, context));
  } else {
    for (const [name, tool, ...args] of STATIC_CHECKS) {
      const program = path.join(root, 'node_modules/.bin', tool);
      await timed(name, total, context, () => run(program, args, { cwd: root, signal, show: true }));
    }
    await timed('build', total, context, () => build({ log: () => {}, signal }));
    const folders = FOLDERS.filter((folder) => existsSync(path.join(root, 'test', folder)));
    await withServers(context, async (servers) => {
      for (const folder of folders)
        await runJest(
          folder,
          [`test/${folder}/`, ...(ALONE.has(folder) ? ['--runInBand'] : [])],
          servers,
          total,
          context,
        );
    });
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
});

/** Whoever names tests is at work on something: another layer that does not compile yet must not keep them from running. */
async function buildIfPossible({ log, signal }) {
  try {
    await build({ log, signal });
  } catch (error) {
    signal.throwIfAborted();
    log('build', `failed; tests that need dist will too: ${error.message}`);
  }
}

/** Runs one step, says how long it took, and counts a failure in `total`. */
async function timed(name, total, { log, signal }, step) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await step();
    log(name, `ok, ${seconds()}`);
  } catch (error) {
    signal.throwIfAborted();
    total.failed += 1;
    log(name, `FAILED, ${seconds()}: ${error.message}`);
  }
}

async function withServers({ log, signal }, work) {
  const startedAt = Date.now();
  const servers = await startTestServers({ log, signal });
  try {
    log('servers', `ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return await work(servers);
  } finally {
    await servers.stop();
  }
}

/** One run of Jest; its own summary stays on screen, the numbers come from its report. */
async function runJest(name, args, { dir, env }, total, { log, signal }) {
  const report = path.join(dir, `jest-${name}.json`);
  const startedAt = Date.now();
  const jest = path.join(root, 'node_modules/.bin/jest');
  const failure = await run(jest, ['--json', `--outputFile=${report}`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    signal,
    show: true,
  }).catch((error) => error);
  signal.throwIfAborted();
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  const passed = result.numPassedTests ?? 0;
  // A file that does not load has no failed test in it, and a crash of Jest has no report: both are failures all the same.
  const failed = Math.max((result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0), failure ? 1 : 0);
  total.passed += passed;
  total.failed += failed;
  log(name, `${passed} passed, ${failed} failed, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
