import type { SweepView } from '../contracts/operator';
import { checked, INVARIANTS, type Checked, type InvariantName } from '../invariants';
import type { Executor } from './connect';
import { partsOf, type Check, type Checks, type Extent } from './invariants/check';
import { MONEY_CHECKS } from './invariants/money';
import { QUEUE_CHECKS } from './invariants/queue';
import { SEAT_CHECKS } from './invariants/seat';
import { WORKFLOW_CHECKS } from './invariants/workflow';
import { select, write } from './sql';

const CHECKS: Checks = { ...SEAT_CHECKS, ...MONEY_CHECKS, ...QUEUE_CHECKS, ...WORKFLOW_CHECKS };
const NAMES = Object.keys(INVARIANTS) as InvariantName[];
/** The invariants that rows can show, in their order. */
export const ROW_INVARIANTS: readonly InvariantName[] = NAMES.filter((name) => CHECKS[name]);

/** A report of hundreds of rows helps nobody. */
const ROWS_MAX = 100;
/** The sweep runs every minute; results older than this say that it does not. */
const RESULT_MINUTES_MAX = 3;
/** No statement of the sweep takes a tenth of it: one that does is killed, and the sweep fails for all to see. */
const STATEMENT_MS_MAX: Record<Extent, number> = { recent: 5_000, complete: 300_000 };

/**
 * Checks every invariant that rows can show; a result for each, in order, with the violating rows (the first
 * `ROWS_MAX` or so). `complete` reads everything; `recent`, for the sweep, what is new and a part of the rest.
 */
export async function checkInvariants(db: Executor, extent: Extent = 'complete'): Promise<Checked[]> {
  const results: Checked[] = [];
  for (const name of ROW_INVARIANTS) {
    const rows: object[] = [];
    for (const check of CHECKS[name] ?? []) rows.push(...(await findViolations(db, check, extent)));
    results.push(checked(name, rows));
  }
  return results;
}

async function findViolations(db: Executor, check: Check, extent: Extent): Promise<object[]> {
  const rows: object[] = [];
  for (const part of await partsOf(db, check.over, extent)) {
    const statement = db.raw(`SELECT * FROM (${check.sql}) violation LIMIT ${ROWS_MAX}`, part);
    const [found] = (await statement.timeout(STATEMENT_MS_MAX[extent], { cancel: true })) as [object[]];
    rows.push(...found);
    if (rows.length >= ROWS_MAX) break;
  }
  return rows;
}

/** Publishes the results for every process that serves metrics. */
export async function saveInvariantResults(db: Executor, results: readonly Checked[]): Promise<void> {
  await write(
    db,
    `INSERT INTO invariant_result (name, violations, checked_at) VALUES ${results.map(() => '(?, ?, NOW(3))').join(', ')}
     ON DUPLICATE KEY UPDATE violations = VALUES(violations), checked_at = VALUES(checked_at)`,
    results.flatMap((result) => [result.name, result.rows.length]),
  );
}

/** The results of the last sweep; none when it has been silent for minutes, so that an alert can see its absence. */
export async function readInvariantResults(db: Executor): Promise<{ name: string; violations: number }[]> {
  return select(
    db,
    `SELECT name, violations FROM invariant_result
     WHERE checked_at > NOW(3) - INTERVAL ${RESULT_MINUTES_MAX} MINUTE ORDER BY name`,
  );
}

/** What the last sweep found, however long ago it was; no invariants before the first one. */
export async function readLastSweep(db: Executor): Promise<SweepView> {
  const rows = await select<{ name: InvariantName; violations: number; checkedAt: Date; silent: number }>(
    db,
    `SELECT name, violations, checked_at AS checkedAt,
       checked_at <= NOW(3) - INTERVAL ${RESULT_MINUTES_MAX} MINUTE AS silent
     FROM invariant_result ORDER BY checked_at DESC`,
  );
  const [newest] = rows;
  const invariants = ROW_INVARIANTS.flatMap((name) => {
    const row = rows.find((candidate) => candidate.name === name);
    return row ? [{ name, never: INVARIANTS[name], violations: row.violations }] : [];
  });
  return { checkedAt: newest?.checkedAt.toISOString() ?? null, silent: newest?.silent !== 0, invariants };
}
