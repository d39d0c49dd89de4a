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
import { install } from './parts/install.mjs';
import { main } from './parts/main.mjs';
import { tryMutants } from './parts/mutation.mjs';
import { root } from './parts/places.mjs';
import { timeSkippingServer } from './parts/time-skipping.mjs';

/** What tests a file, the most telling first. */
const TESTS = {
  'src/db/queue.ts': 'integration: issue instant leave admission, concurrency: issue lock-order',
  'src/db/admission.ts': 'integration: admission instant issue leave, concurrency: admission',
  'src/db/tokens.ts': 'integration: issue instant leave admission',
  'src/db/dispatch.ts': 'integration: dispatch instant',
  'src/db/hold.ts': 'integration: hold together',
  'src/db/hold-terms.ts': 'integration: hold instant together, concurrency: hold',
  'src/db/hold-seats.ts': 'integration: hold instant together, concurrency: hold',
  'src/db/hold-save.ts': 'integration: hold instant together reservation',
  'src/db/together.ts': 'integration: together',
  'src/db/release.ts': 'integration: release instant, concurrency: payment lock-order',
  'src/db/cancel.ts': 'integration: reservation instant leave release, concurrency: lock-order',
  'src/db/reservation.ts': 'integration: reservation instant hold payment, concurrency: lock-order',
  'src/db/asset.ts': 'integration: asset together payment, concurrency: asset lock-order',
  'src/db/payment.ts': 'integration: payment instant, concurrency: lock-order payment',
  'src/db/payment-locks.ts': 'integration: payment instant, concurrency: deadline lock-order missing-lock payment',
  'src/db/payment-terms.ts': 'integration: payment instant, concurrency: payment',
  'src/db/payment-save.ts': 'integration: payment instant, concurrency: payment',
  'src/db/payment-find.ts': 'integration: payment pay-or-find',
  'src/db/idempotency.ts': 'integration: idempotency payment',
  'src/api/position.ts': 'unit: position',
  'src/api/queue-line.ts': 'unit: position',
  'src/api/seat-claims.ts': 'unit: seats',
  'src/api/guard.ts': 'integration: guard',
  'src/api/idempotency.ts': 'unit: problem, integration: idempotent',
  'src/workflows/payment.ts': 'workflow: payment',
  'src/workflows/queue-token.ts': 'workflow: queue-token',
  'src/workflows/reservation.ts': 'workflow: reservation',
  'src/workflows/sweep.ts': 'workflow: sweep',
};
const SEED_MAX = 2 ** 31;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(['sample', 'seed', 'report', 'minutes'].map((name) => [name, { type: 'string' }])),
});

await main(async ({ log, signal }) => {
  const until = Date.now() + Number(options.minutes ?? Infinity) * 60_000;
  await install({ log, signal });
  const mutants = await chooseMutants(log);
  const home = mkdtempSync(path.join(tmpdir(), 'frontrow-mutate-'));
  const own = { ...process.env, DATABASE_URL: '' }; // whatever the changes do, they do it to a server of their own
  const database = await startDatabase({ dataDir: home, log, temporary: true, env: own, signal });
  try {
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      TIME_SKIPPING_SERVER: await timeSkippingServer({ log, signal }),
    };
    const report = options.report ?? path.join(home, 'report');
    const results = await tryMutants(mutants, testsOf, { report, until, home, env, log, signal });
    summarize(mutants.length, results);
  } finally {
    await database.stop();
    rmSync(home, { recursive: true, force: true });
  }
});

function testsOf(file) {
  return TESTS[file].split(', ').flatMap((folder) => {
    const [name, ...tests] = folder.split(/:? /);
    return tests.map((test) => `test/${name}/${test}.test.ts`);
  });
}

/** All changes of the chosen files, or a share of them that depends on the seed. */
async function chooseMutants(log) {
  const { mutantsOf } = await import('./parts/mutants.mjs'); // needs what `install` has put there
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

/** What survived, and a table: the score is the percentage that was noticed of what made sense at all. */
function summarize(chosen, results) {
  for (const { file, line, change } of results.filter(({ state }) => state === 'survived')) {
    console.log(`survived ${file}:${line} ${change}`);
  }
  const tally = (of) => {
    const [killed, timeout, survived, nonsense] = ['killed', 'timeout', 'survived', 'nonsense'].map(
      (name) => of.filter(({ state }) => state === name).length,
    );
    const score = Math.round((1_000 * (killed + timeout)) / (killed + timeout + survived)) / 10;
    return { score, killed, timeout, survived, nonsense };
  };
  const files = [...new Set(results.map(({ file }) => file))];
  const rows = files.map((file) => [file, tally(results.filter((result) => result.file === file))]);
  console.table(Object.fromEntries([...rows, ['all', tally(results)]]));
  if (results.length < chosen) console.log(`${chosen - results.length} of ${chosen} not tried yet`);
}
