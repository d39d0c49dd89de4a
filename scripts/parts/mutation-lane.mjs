/**
 * A process that runs the tests named in each message, one file after another until one fails, and answers `{state}`,
 * with the failed `test` and its `output`. Jest stays loaded in between, which is half of what a short test costs.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

/** The database or the compiler refuses the text itself: no test has noticed anything. */
const NONSENSE = /ER_PARSE_ERROR|Syntax Error/;
const OUTPUT_MAX = 500;
/** Nothing was noticed but that the time was over: in a test, or while the database was waited for. */
const TIMEOUT = /Exceeded timeout|KnexTimeoutError/;

const copy = process.cwd();
const { runCLI } = createRequire(path.join(copy, 'package.json'))('jest');
const settings = {
  runInBand: true,
  silent: true,
  reporters: [],
  testEnvironment: path.join(import.meta.dirname, 'mutation-environment.cjs'),
};

process.on('message', async (tests) => process.send(await runTests(tests)));
process.on('disconnect', () => process.exit());

async function runTests(tests) {
  for (const test of tests) {
    const { results } = await runCLI({ ...settings, _: [test], $0: 'jest' }, [copy]);
    if (results.success && results.numPassedTests > 0) continue;
    const output = results.testResults.map(({ failureMessage }) => failureMessage).join('\n');
    const state = NONSENSE.test(output) ? 'nonsense' : TIMEOUT.test(output) ? 'timeout' : 'killed';
    return { state, test, output: output.slice(0, OUTPUT_MAX) };
  }
  return { state: 'survived' };
}
