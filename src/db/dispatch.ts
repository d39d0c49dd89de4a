import type { Database } from './connect';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

/** What may lack a workflow, most urgent first: a hold and an active token have deadlines, a waiting token only a turn. */
export const STARTABLE = ['hold', 'active-token', 'waiting-token'] as const;
export type Startable = (typeof STARTABLE)[number];

/** Whoever inserted the row starts its workflow right away; after this time it is taken as lost. */
const OWN_START_SECONDS = 2;
/** A dispatcher that dies with its claims loses them after this time. */
const CLAIM_SECONDS = 30;

const SOURCES: Record<Startable, { table: 'reservation' | 'waiting_token'; where: string }> = {
  hold: {
    table: 'reservation',
    where: `status = 'HELD' AND reserved_at <= NOW(3) - INTERVAL ${OWN_START_SECONDS} SECOND`,
  },
  'active-token': {
    table: 'waiting_token',
    where: `status = 'ACTIVE' AND activated_at <= NOW(3) - INTERVAL ${OWN_START_SECONDS} SECOND`,
  },
  'waiting-token': { table: 'waiting_token', where: `status = 'WAITING'` },
};

/** Claims up to `limit` rows that have no workflow yet, in order of id: for tokens of a queue, that is ticket order. */
export async function claimUnstarted(db: Database, kind: Startable, limit: number): Promise<number[]> {
  const { table, where } = SOURCES[kind];
  return transact(db, async (trx) => {
    const rows = await select<{ id: number }>(
      trx,
      `SELECT id FROM ${table} WHERE workflow_started_at IS NULL AND ${where}
         AND (workflow_claimed_until IS NULL OR workflow_claimed_until <= NOW(3))
       ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED`,
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

/** Notes that these rows have a workflow: a start was acknowledged, or one was already there. */
export async function markStarted(
  db: Database,
  table: 'reservation' | 'waiting_token',
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  const sorted = [...ids].sort((a, b) => a - b);
  await transact(db, (trx) =>
    write(trx, `UPDATE ${table} SET workflow_started_at = NOW(3) WHERE id IN (?) AND workflow_started_at IS NULL`, [
      sorted,
    ]),
  );
}

/** Gives claims back at once: what could not be started for want of a server keeps its place in the order. */
export async function releaseClaims(
  db: Database,
  table: 'reservation' | 'waiting_token',
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  const sorted = [...ids].sort((a, b) => a - b);
  await transact(db, (trx) =>
    write(trx, `UPDATE ${table} SET workflow_claimed_until = NULL WHERE id IN (?) AND workflow_started_at IS NULL`, [
      sorted,
    ]),
  );
}

/** How many live rows have no workflow yet, the most recent ones included. */
export async function readBacklog(db: Database): Promise<{ kind: 'token' | 'reservation'; count: number }[]> {
  return select(
    db,
    `SELECT 'token' AS kind, COUNT(*) AS count FROM waiting_token WHERE status IN ('WAITING', 'ACTIVE') AND workflow_started_at IS NULL
     UNION ALL
     SELECT 'reservation', COUNT(*) FROM reservation WHERE status = 'HELD' AND workflow_started_at IS NULL`,
  );
}

/** `readBacklog` at a bounded cost, whatever the length of the line: neither number goes beyond `countMax`. */
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
