import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './places.mjs';
import { stopGroup } from './processes.mjs';

const LANE = path.join(import.meta.dirname, 'mutation-lane.mjs');
/** Two cores; each lane has a copy of its own. */
const LANES = 2;
const COPIED = ['src', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];
/** Tests that take this many times as long as they do without a change will not come to an end. */
const SLOWER_MAX = 4;
const LIMIT_MS_MIN = 30_000;
/** Without a change, they come to an end. */
const UNCHANGED_MS_MAX = 600_000;

/**
 * Tries `{file, line, change, source}` one after another in copies of the project under `home`, each until one of the
 * tests `testsOf(file)` fails. Gives `{id, state, ...}` for those it came to before the time `until`. What it finds it
 * also adds to the file `report`; what is found there is not tried again.
 */
export async function tryMutants(mutants, testsOf, { report, until, home, env, log, signal }) {
  const results = new Map(readReport(report).map((result) => [result.id, result]));
  const attempt = async (lane, { source, ...mutant }, limitMs) => {
    const id = idOf({ source, ...mutant });
    if (results.has(id)) return results.get(id);
    const startedAt = Date.now();
    lane.write(mutant.file, source);
    const found = await lane.run(testsOf(mutant.file), limitMs);
    lane.write(mutant.file, readFileSync(path.join(root, mutant.file)));
    if (mutant.line === 0 && found.state !== 'survived') {
      throw new Error(`the tests of ${mutant.file} fail without a change: ${found.output ?? found.state}`);
    }
    const result = { id, ...mutant, ...found, ms: Date.now() - startedAt };
    results.set(id, result);
    appendFileSync(report, `${JSON.stringify(result)}\n`);
    log(result.state, `${result.file}:${result.line} ${result.change}`);
    return result;
  };
  const limits = new Map();
  const findLimit = async (lane, file) => {
    const source = readFileSync(path.join(root, file), 'utf8');
    const { ms } = await attempt(lane, { file, line: 0, change: 'as it is', source }, UNCHANGED_MS_MAX);
    return Math.max(LIMIT_MS_MIN, ms * SLOWER_MAX);
  };

  const waiting = mutants.values();
  const work = async (_, index) => {
    const lane = openLane(path.join(home, `copy-${index}`), env, signal);
    try {
      for (const mutant of waiting) {
        if (Date.now() > until) return;
        if (!limits.has(mutant.file)) limits.set(mutant.file, findLimit(lane, mutant.file));
        await attempt(lane, mutant, await limits.get(mutant.file));
      }
    } finally {
      await lane.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, work));
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

/** A copy of the project, and a process that runs its tests: a new one after each that did not come to an end. */
function openLane(copy, env, signal) {
  for (const name of COPIED) cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  let child;
  const close = async () => {
    if (child) await stopGroup(child, 0);
    child = undefined;
  };
  const run = async (tests, limitMs) => {
    signal.throwIfAborted();
    child ??= fork(LANE, { cwd: copy, env, stdio: 'ignore', detached: true });
    const over = new AbortController();
    const until = { signal: over.signal };
    child.send(tests);
    const found = await Promise.race([
      once(child, 'message', until).then(([answer]) => answer),
      once(child, 'exit', until).then(() => ({ state: 'killed', output: 'the process of the tests ended' })),
      sleep(limitMs, { state: 'timeout' }, until),
      once(signal, 'abort', until),
    ]).finally(() => over.abort());
    signal.throwIfAborted();
    if (found.state === 'timeout' || !child.connected) await close();
    return found;
  };
  return { write: (file, source) => writeFileSync(path.join(copy, file), source), run, close };
}
