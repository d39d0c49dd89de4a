import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';
import { run } from './processes.mjs';

/** Two cores; each copy has a test of its own running. */
const COPIES = 2;
const COPIED = ['src', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];
/** Tests that take this many times as long as they do without a change will not come to an end. */
const SLOWER_MAX = 4;
const LIMIT_MS_MIN = 60_000;
/** A test that waits for what will not happen gives up before Jest's usual minute. */
const TEST_LIMIT_MS = 20_000;
/** The database or the compiler refuses the text itself: no test has noticed anything. */
const NONSENSE = /ER_PARSE_ERROR|Syntax Error/;

/**
 * Tries `{file, line, change, source}` one after another in copies of the project under `home`, each until one of the
 * tests `testsOf(file)` fails. Gives `{id, state, ...}` for those it came to before the time `until`. What it finds it
 * also adds to the file `report`; what is found there is not tried again.
 */
export async function tryMutants(mutants, testsOf, { report, until, home, env, log, signal }) {
  const results = new Map(readReport(report).map((result) => [result.id, result]));
  const keep = (result) => {
    results.set(result.id, result);
    appendFileSync(report, `${JSON.stringify(result)}\n`);
    log(result.state, `${result.file}:${result.line} ${result.change}`);
    return result;
  };
  const attempt = async (copy, { source, ...mutant }, limitMs) => {
    const id = idOf({ source, ...mutant });
    if (results.has(id)) return results.get(id);
    const startedAt = Date.now();
    writeFileSync(path.join(copy, mutant.file), source);
    try {
      const found = await runTests(copy, testsOf(mutant.file), { env, signal, limitMs });
      return keep({ id, ...mutant, ...found, ms: Date.now() - startedAt });
    } finally {
      cpSync(path.join(root, mutant.file), path.join(copy, mutant.file));
    }
  };
  const limits = new Map();
  const findLimit = async (copy, file) => {
    const source = readFileSync(path.join(root, file), 'utf8');
    const { state, ms, output } = await attempt(copy, { file, line: 0, change: 'as it is', source });
    if (state !== 'survived') throw new Error(`the tests of ${file} fail without a change: ${output}`);
    return Math.max(LIMIT_MS_MIN, ms * SLOWER_MAX);
  };

  const waiting = mutants.values();
  const lane = async (_, index) => {
    const copy = makeCopy(path.join(home, `copy-${index}`));
    for (const mutant of waiting) {
      if (Date.now() > until) return;
      if (!limits.has(mutant.file)) limits.set(mutant.file, findLimit(copy, mutant.file));
      await attempt(copy, mutant, await limits.get(mutant.file));
    }
  };
  await Promise.all(Array.from({ length: COPIES }, lane));
  return mutants.map((mutant) => results.get(idOf(mutant))).filter(Boolean);
}

function readReport(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The same for the same text of the same file. */
function idOf({ file, source }) {
  return createHash('sha256').update(`${file}\n${source}`).digest('hex').slice(0, 12);
}

function makeCopy(copy) {
  for (const name of COPIED) cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** What becomes of a change, and which test has noticed it. */
async function runTests(copy, tests, { env, signal, limitMs }) {
  const jest = path.join(copy, 'node_modules/.bin/jest');
  const over = limitMs && Date.now() + limitMs;
  for (const test of tests) {
    const lines = [];
    const args = ['--runInBand', '--bail', `--testTimeout=${TEST_LIMIT_MS}`, `test/${test}.test.ts`];
    const timeoutMs = over && Math.max(1, over - Date.now());
    const failure = await run(jest, args, {
      cwd: copy,
      env,
      signal,
      timeoutMs,
      onLine: (line) => lines.push(line),
    }).catch((error) => error);
    signal.throwIfAborted();
    if (!failure.message) continue;
    if (over && Date.now() > over) return { state: 'timeout', test };
    const output = lines.join('\n');
    if (NONSENSE.test(output)) return { state: 'nonsense', test };
    return { state: 'killed', test, output: lines.find((line) => line.includes('●'))?.trim() ?? output.slice(-300) };
  }
  return { state: 'survived' };
}
