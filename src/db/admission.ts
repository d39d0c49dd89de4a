import type { Database, Transaction } from './connect';
import { UNTOLD_AGAIN } from './dispatch';
import { readClock, select, selectOne, write } from './sql';
import { findTokens, type QueueToken } from './tokens';
import { transact } from './transaction';

/** The row of `queue`: whoever holds its lock decides who is admitted. */
export interface QueueRow {
  id: number;
  name: string;
  max_active: number;
  active_seconds: number;
  admit_per_minute: number | null;
  paused: number;
  next_ticket_no: number;
  served_ticket_no: number;
  waiting_count: number;
  next_departure_no: number;
  bucket_level: number;
  bucket_at: Date;
  /** When the lock was had: SYSDATE, because NOW is when it was asked for. */
  locked_at: Date;
  /** From one new id to the next. */
  id_step: number;
}

/** One transaction admits at most this many, so that the queue's lock is held for milliseconds only. */
const ADMIT_BATCH_MAX = 1_000;
/** What the rate may save up for a burst: nobody looks at the queue more often than a few times a second. */
const BUCKET_SECONDS = 2;

/** Locks the queue's row. Every change of WAITING tokens, and every admission, happens under this lock. */
export async function lockQueue(
  trx: Transaction,
  by: { id: number } | { name: string },
): Promise<QueueRow | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['name', by.name];
  return selectOne<QueueRow>(
    trx,
    `SELECT *, SYSDATE(3) AS locked_at, @@auto_increment_increment AS id_step FROM queue WHERE ${column} = ? FOR UPDATE`,
    [value],
  );
}

/** Writes the counters of a locked queue back. */
export async function saveQueue(trx: Transaction, queue: QueueRow): Promise<void> {
  await write(
    trx,
    `UPDATE queue SET next_ticket_no = ?, served_ticket_no = ?, waiting_count = ?, next_departure_no = ?,
       bucket_level = ?, bucket_at = ? WHERE id = ?`,
    [
      queue.next_ticket_no,
      queue.served_ticket_no,
      queue.waiting_count,
      queue.next_departure_no,
      queue.bucket_level,
      queue.bucket_at,
      queue.id,
    ],
  );
}

/** How many admissions the rate allows in one burst. */
export function bucketCapacity(perMinute: number): number {
  return Math.max(1, (perMinute * BUCKET_SECONDS) / 60);
}

/** What is in the queue's token bucket at `now`: admissions the rate allows; `Infinity` without a rate. */
export function bucketLevel(queue: QueueRow, now: Date): number {
  if (queue.admit_per_minute === null) return Infinity;
  const elapsedMs = Math.max(0, now.getTime() - queue.bucket_at.getTime());
  const refilled = queue.bucket_level + (elapsedMs * queue.admit_per_minute) / 60_000;
  return Math.min(bucketCapacity(queue.admit_per_minute), refilled);
}

/** How many of those waiting may be let in at `now`, with `active` inside. */
export function admissible(queue: QueueRow, active: number, now: Date): number {
  if (queue.paused) return 0;
  const free = Math.min(queue.max_active - active, Math.floor(bucketLevel(queue, now)), queue.waiting_count);
  return Math.max(0, Math.min(free, ADMIT_BATCH_MAX));
}

/**
 * Lets in whoever is next, in exact ticket order and never beyond the cap or the rate (I6, I7, I8); overdue tokens are
 * ended first and give their places. Any process may call it at any time, and whoever made room must. Returns the
 * tokens admitted: tell their workflows.
 */
export async function admitNext(db: Database, queueId: number): Promise<QueueToken[]> {
  return transact(db, async (trx) => {
    const queue = await lockQueue(trx, { id: queueId });
    if (!queue) return [];
    const admitted = await admit(trx, queue);
    if (admitted.length > 0) await saveQueue(trx, queue);
    return findAdmitted(trx, admitted);
  });
}

/** The admission itself, on a locked queue whose counters it changes in memory: the caller saves them. */
export async function admit(trx: Transaction, queue: QueueRow): Promise<number[]> {
  if (queue.paused || queue.waiting_count === 0) return [];
  const active = await countActive(trx, queue.id);
  const places = admissible(queue, active, await readClock(trx));
  if (places === 0) return [];

  const next = await select<{ id: number; ticket_no: number }>(
    trx,
    // By any other index it would also lock rows that are not in line, and wait for a payment that has one of them.
    `SELECT id, ticket_no FROM waiting_token FORCE INDEX (waiting_token_ticket)
     WHERE queue_id = ? AND ticket_no > ? AND status = 'WAITING' ORDER BY ticket_no LIMIT ? FOR UPDATE`,
    [queue.id, queue.served_ticket_no, places],
  );
  const last = next.at(-1);
  if (!last) return [];
  const now = await readClock(trx);
  const ids = next.map((token) => token.id);
  await activate(trx, queue, ids, now);

  queue.served_ticket_no = last.ticket_no;
  queue.waiting_count -= ids.length;
  if (queue.admit_per_minute !== null) {
    queue.bucket_level = bucketLevel(queue, now) - ids.length;
    queue.bucket_at = now;
  }
  return ids;
}

/** The admitted tokens as they read now. */
export async function findAdmitted(trx: Transaction, ids: readonly number[]): Promise<QueueToken[]> {
  return (await findTokens(trx, ids)).filter((token) => token !== undefined);
}

async function activate(trx: Transaction, queue: QueueRow, ids: number[], now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + queue.active_seconds * 1_000);
  await write(
    trx,
    `UPDATE waiting_token SET status = 'ACTIVE', activated_at = ?, holds_until = ?, expires_at = ?,
       admitted_max_active = ?, admitted_per_minute = ?, ${UNTOLD_AGAIN} WHERE id IN (?)`,
    [now, expiresAt, expiresAt, queue.max_active, queue.admit_per_minute, ids],
  );
}

/** Counts the ACTIVE tokens after ending the overdue ones. One that somebody is working on still counts. */
async function countActive(trx: Transaction, queueId: number): Promise<number> {
  const overdue = await select<{ id: number }>(
    trx,
    `SELECT id FROM waiting_token WHERE queue_id = ? AND status = 'ACTIVE' AND expires_at <= NOW(3)
     ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED`,
    [queueId, ADMIT_BATCH_MAX],
  );
  if (overdue.length > 0) {
    await write(trx, `UPDATE waiting_token SET status = 'EXPIRED', ended_at = NOW(3) WHERE id IN (?)`, [
      overdue.map((token) => token.id),
    ]);
  }
  const row = await selectOne<{ active: number }>(
    trx,
    `SELECT COUNT(*) AS active FROM waiting_token WHERE queue_id = ? AND status = 'ACTIVE'`,
    [queueId],
  );
  return row?.active ?? 0;
}
