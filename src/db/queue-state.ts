import { admissible, type QueueRow } from './admission';
import type { Database } from './connect';
import { select } from './sql';

/** What a process must know of a queue to answer polls without the database. */
export interface QueueState {
  id: number;
  name: string;
  /** Nobody with a ticket up to this number is still waiting. */
  servedTicketNo: number;
  nextTicketNo: number;
  waiting: number;
  active: number;
  maxActive: number;
  activeSeconds: number;
  admitPerMinute: number | null;
  paused: boolean;
  /** The number of the last departure. */
  departureNo: number;
  /** How many that were let in have ended since the queue was made, by any process or by the clock. */
  ended: number;
  /** How many `admitNext` would let in now. */
  admissible: number;
  /** The database's clock at this reading. */
  readAt: Date;
}

/** The state of every queue, in one query whose cost does not depend on how many wait. */
export async function readQueueStates(db: Database): Promise<QueueState[]> {
  const rows = await select<QueueRow & { active: number; now: Date }>(
    db,
    `SELECT q.*, NOW(3) AS now, (SELECT COUNT(*) FROM waiting_token t
       WHERE t.queue_id = q.id AND t.status = 'ACTIVE' AND t.expires_at > NOW(3)) AS active FROM queue q`,
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    servedTicketNo: row.served_ticket_no,
    nextTicketNo: row.next_ticket_no,
    waiting: row.waiting_count,
    active: row.active,
    maxActive: row.max_active,
    activeSeconds: row.active_seconds,
    admitPerMinute: row.admit_per_minute,
    paused: row.paused === 1,
    departureNo: row.next_departure_no - 1,
    // Of all tickets those that neither wait, nor left while they waited, nor are active.
    ended: row.next_ticket_no - 1 - row.waiting_count - (row.next_departure_no - 1) - row.active,
    admissible: admissible(row, row.active, row.now),
    readAt: row.now,
  }));
}

/**
 * Those who left before their turn, after departure `afterDepartureNo`, with a ticket that is still to be served. They
 * leave under the queue's lock, so their numbers become visible in order and a reader misses none.
 */
export async function readDepartures(
  db: Database,
  queueId: number,
  afterDepartureNo: number,
  servedTicketNo: number,
): Promise<{ departureNo: number; ticketNo: number }[]> {
  return select(
    db,
    `SELECT departure_no AS departureNo, ticket_no AS ticketNo FROM queue_departure
     WHERE queue_id = ? AND departure_no > ? AND ticket_no > ? ORDER BY departure_no`,
    [queueId, afterDepartureNo, servedTicketNo],
  );
}

/** Since how many seconds the first in each line waits; lines in which nobody does are left out. By id of the queue. */
export async function readOldestWaits(db: Database): Promise<Map<number, number>> {
  const rows = await select<{ id: number; seconds: number | null }>(
    db,
    `SELECT q.id, (SELECT TIMESTAMPDIFF(SECOND, t.issued_at, NOW(3)) FROM waiting_token t
       WHERE t.queue_id = q.id AND t.ticket_no > q.served_ticket_no AND t.status = 'WAITING'
       ORDER BY t.ticket_no LIMIT 1) AS seconds FROM queue q WHERE q.waiting_count > 0`,
  );
  return new Map(rows.flatMap(({ id, seconds }) => (seconds === null ? [] : [[id, Math.max(0, seconds)]])));
}
