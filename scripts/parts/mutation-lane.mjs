/**
 * A process that runs the tests named in each message, one file after another until one fails, and answers `{state}`,
 * with the failed `test` and its `output`. Jest stays loaded in between, which is half of what a short test costs.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

/** A test that waits for what will not happen gives up before Jest's usual minute. */
const TEST_LIMIT_MS = 20_000;
/** The database or the compiler refuses the text itself: no test has noticed anything. */
const NONSENSE = /ER_PARSE_ERROR|Syntax Error/;

const copy = process.cwd();
const { runCLI } = createRequire(path.join(copy, 'package.json'))('jest');
const settings = {
  runInBand: true,
  silent: true,
  reporters: [],
  testTimeout: TEST_LIMIT_MS,
  testEnvironment: path.join(import.meta.dirname, 'mutation-environment.cjs'),
};

process.on('message', async (tests) => process.send(await runTests(tests)));

async function runTests(tests) {
  for (const test of tests) {
    const { results } = await runCLI({ ...settings, _: [`test/${test}.test.ts`], $0: 'jest' }, [copy]);
    if (results.success && results.numPassedTests > 0) continue;
    const output = results.testResults.map(({ failureMessage }) => failureMessage).join('\n');
    if (NONSENSE.test(output)) return { state: 'nonsense', test };
    return { state: 'killed', test, output: output.slice(0, 300) };
  }
  return { state: 'survived' };
}
