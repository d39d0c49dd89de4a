import type { Database } from './connect';
import { select, write } from './sql';

/** Idempotency keys are kept this long. */
const KEY_HOURS = 24;
/** One statement deletes at most this many rows, so that it never holds many locks. */
const DELETE_BATCH_MAX = 5_000;

/** Deletes idempotency keys past their time. Returns how many. */
export async function deleteOldKeys(db: Database): Promise<number> {
  const { affectedRows } = await write(
    db,
    `DELETE FROM idempotency_key WHERE created_at < NOW(3) - INTERVAL ${KEY_HOURS} HOUR LIMIT ${DELETE_BATCH_MAX}`,
  );
  return affectedRows;
}

/** Deletes departures the line has passed: nobody's position depends on them any more. Returns how many. */
export async function deletePassedDepartures(db: Database): Promise<number> {
  const queues = await select<{ id: number; served: number }>(db, 'SELECT id, served_ticket_no AS served FROM queue');
  let deleted = 0;
  for (const queue of queues) {
    const { affectedRows } = await write(
      db,
      `DELETE FROM queue_departure WHERE queue_id = ? AND ticket_no <= ? LIMIT ${DELETE_BATCH_MAX}`,
      [queue.id, queue.served],
    );
    deleted += affectedRows;
  }
  return deleted;
}
