import type { Database } from './connect';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

/**
 * Rows whose workflow has not heard of their state. A hold and an active token have deadlines; a workflow of what was given
 * up would wait for nothing; a waiting token only has a turn.
 */
export type Untold = 'hold' | 'active-token' | 'cancelled-hold' | 'left-token' | 'waiting-token';

/** Whoever changed the row tells its workflow right away; after this time it is taken as lost. */
export const OWN_CALL_SECONDS = 2;
/** Counting a million rows would take longer than a scrape may, and tell no more. */
const BACKLOG_MAX = 100_000;
/** A dispatcher that dies with its claims loses them after this time. */
const CLAIM_SECONDS = 30;

/** `since`: the column that dates the state, where whoever made it tells the workflow. */
const SOURCES: Record<Untold, { table: 'reservation' | 'waiting_token'; status: string; since?: string }> = {
  hold: { table: 'reservation', status: 'HELD', since: 'reserved_at' },
  'active-token': { table: 'waiting_token', status: 'ACTIVE', since: 'activated_at' },
  'cancelled-hold': { table: 'reservation', status: 'CANCELLED', since: 'completed_at' },
  'left-token': { table: 'waiting_token', status: 'LEFT', since: 'ended_at' },
  'waiting-token': { table: 'waiting_token', status: 'WAITING' },
};

/** Belongs to every UPDATE whose news its workflow waits for: until it is told, it is somebody's to tell. */
export const UNTOLD_AGAIN = 'workflow_started_at = NULL, workflow_claimed_until = NULL';

/** The rows of a kind that are to be claimed: nobody else is telling their workflows. */
function toBeClaimed(kind: Untold): string {
  const { table, status, since } = SOURCES[kind];
  const settled = since ? `AND ${since} <= NOW(3) - INTERVAL ${OWN_CALL_SECONDS} SECOND` : '';
  return `${table} WHERE workflow_started_at IS NULL AND status = '${status}' ${settled}
    AND (workflow_claimed_until IS NULL OR workflow_claimed_until <= NOW(3))`;
}

/** Whether there are any. */
export async function hasUntold(db: Database, kind: Untold): Promise<boolean> {
  return (await selectOne(db, `SELECT id FROM ${toBeClaimed(kind)} LIMIT 1`)) !== undefined;
}

/** Claims up to `limit` rows of a kind, in order of id: for tokens of a queue, that is ticket order. */
export async function claimUntold(db: Database, kind: Untold, limit: number): Promise<number[]> {
  const { table } = SOURCES[kind];
  return transact(db, async (trx) => {
    const rows = await select<{ id: number }>(
      trx,
      `SELECT id FROM ${toBeClaimed(kind)} ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED`,
      [limit],
    );
    const ids = rows.map((row) => row.id);
    if (ids.length > 0) {
      await write(
        trx,
        `UPDATE ${table} SET workflow_claimed_until = NOW(3) + INTERVAL ${CLAIM_SECONDS} SECOND WHERE id IN (?)`,
        [ids],
      );
    }
    return ids;
  });
}

/**
 * Notes that the workflows of these rows know them in this state: a start or a signal was acknowledged. A row that has
 * moved on meanwhile is still to be told.
 */
export async function markTold(db: Database, kind: Untold, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const { table, status } = SOURCES[kind];
  const sorted = [...ids].sort((a, b) => a - b);
  await transact(db, (trx) =>
    write(
      trx,
      `UPDATE ${table} SET workflow_started_at = NOW(3)
       WHERE id IN (?) AND status = '${status}' AND workflow_started_at IS NULL`,
      [sorted],
    ),
  );
}

/** Gives claims back at once: what could not be started for want of a server keeps its place in the order. */
export async function releaseClaims(db: Database, kind: Untold, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const { table } = SOURCES[kind];
  const sorted = [...ids].sort((a, b) => a - b);
  await transact(db, (trx) =>
    write(trx, `UPDATE ${table} SET workflow_claimed_until = NULL WHERE id IN (?) AND workflow_started_at IS NULL`, [
      sorted,
    ]),
  );
}

/** How many live rows have no workflow yet, the most recent ones included; neither number goes beyond `BACKLOG_MAX`. */
export async function readBacklog(db: Database): Promise<{ kind: 'token' | 'reservation'; count: number }[]> {
  const { tokens, reservations } = await readBoundedBacklog(db, BACKLOG_MAX);
  return [
    { kind: 'token', count: tokens },
    { kind: 'reservation', count: reservations },
  ];
}

/** `readBacklog` with a bound of one's own: the cost grows with it, not with the length of the line. */
export async function readBoundedBacklog(
  db: Database,
  countMax: number,
): Promise<{ tokens: number; reservations: number }> {
  const count = (table: string, statuses: string) =>
    `(SELECT COUNT(*) FROM (SELECT 1 FROM ${table} WHERE status IN (${statuses}) AND workflow_started_at IS NULL LIMIT ?) found)`;
  const row = await selectOne<{ tokens: number; reservations: number }>(
    db,
    `SELECT ${count('waiting_token', `'WAITING', 'ACTIVE'`)} AS tokens, ${count('reservation', `'HELD'`)} AS reservations`,
    [countMax, countMax],
  );
  return row ?? { tokens: 0, reservations: 0 };
}
