/**
 * `npm run mutate`: makes one small change at a time to the queue, seat and money code, SQL included, in a copy, and runs
 * the tests of that code, which should fail. Lists the changes that they let through, with the score of each file.
 *
 * `npm run mutate -- src/db/hold.ts --sample 0.2 --seed 7`: of some files, a part of the changes.
 * `npm run mutate -- --report file --minutes 5`: for a while; what the report has is not tried again.
 */
import { createHash, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDatabase } from './parts/database.mjs';
import { main } from './parts/main.mjs';
import { mutantsOf } from './parts/mutants.mjs';
import { tryMutants } from './parts/mutation.mjs';
import { root } from './parts/places.mjs';
import { timeSkippingServer } from './parts/time-skipping.mjs';

/** What tests a file, the most telling first. */
const TESTS = {
  'src/db/queue.ts': [
    'integration/issue',
    'integration/instant',
    'integration/leave',
    'integration/admission',
    'concurrency/issue',
  ],
  'src/db/admission.ts': [
    'integration/admission',
    'integration/instant',
    'integration/issue',
    'integration/leave',
    'concurrency/admission',
  ],
  'src/db/tokens.ts': ['integration/issue', 'integration/instant', 'integration/leave', 'integration/admission'],
  'src/db/dispatch.ts': ['integration/dispatch', 'integration/instant'],
  'src/db/hold.ts': ['integration/hold', 'integration/together'],
  'src/db/hold-terms.ts': ['integration/hold', 'integration/instant', 'integration/together', 'concurrency/hold'],
  'src/db/hold-seats.ts': ['integration/hold', 'integration/instant', 'integration/together', 'concurrency/hold'],
  'src/db/hold-save.ts': ['integration/hold', 'integration/instant', 'integration/together', 'integration/reservation'],
  'src/db/together.ts': ['integration/together'],
  'src/db/release.ts': ['integration/release', 'integration/instant', 'concurrency/payment'],
  'src/db/cancel.ts': [
    'integration/reservation',
    'integration/instant',
    'integration/leave',
    'integration/release',
    'concurrency/walk',
  ],
  'src/db/reservation.ts': [
    'integration/reservation',
    'integration/instant',
    'integration/payment',
    'concurrency/payment',
  ],
  'src/db/asset.ts': ['integration/asset', 'integration/together', 'integration/payment', 'concurrency/asset'],
  'src/db/payment.ts': ['integration/payment', 'integration/instant', 'integration/pay-or-find', 'concurrency/payment'],
  'src/db/idempotency.ts': ['integration/idempotency', 'integration/payment'],
  'src/api/position.ts': ['unit/position'],
  'src/api/queue-line.ts': ['unit/position'],
  'src/api/seat-claims.ts': ['unit/seats'],
  'src/api/guard.ts': ['integration/guard'],
  'src/api/idempotency.ts': ['unit/problem', 'integration/idempotent'],
  'src/workflows/payment.ts': ['workflow/payment'],
  'src/workflows/queue-token.ts': ['workflow/queue-token'],
  'src/workflows/reservation.ts': ['workflow/reservation'],
  'src/workflows/sweep.ts': ['workflow/sweep'],
};
const SEED_MAX = 2 ** 31;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(['sample', 'seed', 'report', 'minutes'].map((name) => [name, { type: 'string' }])),
});

await main(async ({ log, signal }) => {
  const until = Date.now() + Number(options.minutes ?? Infinity) * 60_000;
  const mutants = chooseMutants(log);
  const home = mkdtempSync(path.join(tmpdir(), 'frontrow-mutate-'));
  const private_ = { ...process.env, DATABASE_URL: '' };
  const database = await startDatabase({ dataDir: home, log, temporary: true, env: private_, signal });
  try {
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      TIME_SKIPPING_SERVER: await timeSkippingServer({ log, signal }),
    };
    const report = options.report ?? path.join(home, 'report');
    const results = await tryMutants(mutants, (file) => TESTS[file], { report, until, home, env, log, signal });
    summarize(mutants.length, results);
  } finally {
    await database.stop();
    rmSync(home, { recursive: true, force: true });
  }
});

/** All changes of the chosen files, or a share of them that depends on the seed. */
function chooseMutants(log) {
  const share = Number(options.sample ?? 1);
  const seed = Number(options.seed ?? randomInt(SEED_MAX));
  if (share < 1) log('mutate', `a share of ${share}: repeat with --seed ${seed}`);
  const drawn = (text) => createHash('sha256').update(`${seed} ${text}`).digest().readUInt32BE() / 2 ** 32;
  const files = positionals.length > 0 ? positionals : Object.keys(TESTS);
  return files.flatMap((file) => {
    if (!TESTS[file]) throw new Error(`${file} is not in the table of scripts/mutate.mjs`);
    const mutants = mutantsOf(readFileSync(path.join(root, file), 'utf8'));
    return mutants.filter((_, index) => drawn(`${file} ${index}`) < share).map((mutant) => ({ file, ...mutant }));
  });
}

/** The score is the share that was noticed of what makes sense at all. */
function summarize(chosen, results) {
  const count = (of, ...states) => of.filter(({ state }) => states.includes(state)).length;
  const line = (name, of) => {
    const noticed = count(of, 'killed', 'timeout');
    const survived = count(of, 'survived');
    const score = noticed + survived > 0 ? ((100 * noticed) / (noticed + survived)).toFixed(1) : '-';
    const cells = [name.padEnd(28), `${score} %`, noticed, survived, count(of, 'timeout'), count(of, 'nonsense')];
    console.log(cells.map((cell) => String(cell).padStart(10)).join(''));
  };
  for (const { file, line: at, change } of results.filter(({ state }) => state === 'survived')) {
    console.log(`survived ${file}:${at} ${change}`);
  }
  console.log(
    ['file'.padEnd(28), 'score', 'noticed', 'survived', 'time-outs', 'nonsense']
      .map((cell) => cell.padStart(10))
      .join(''),
  );
  for (const file of new Set(results.map((result) => result.file))) {
    line(
      file,
      results.filter((result) => result.file === file),
    );
  }
  line('all', results);
  if (results.length < chosen) console.log(`${chosen - results.length} of ${chosen} not tried yet`);
}
