import type { Database } from './connect';
import { select, write } from './sql';

export interface Invariant {
  name: string;
  /** What may never be. */
  sentence: string;
  /** Selects the violating rows. */
  sql: string;
}

const LIVE_HOLD = `(r.status = 'HELD' AND r.expires_at > NOW(3))`;
/** NOW(3) is fixed a moment before the rows are read: a hold that ends between the two is nobody's fault. */
const SURELY_LIVE_HOLD = `(r.status = 'HELD' AND r.expires_at > NOW(3) + INTERVAL 100000 MICROSECOND)`;
/** A report of hundreds of rows helps nobody. */
const ROWS_MAX = 100;
/** The sweep runs every minute; results older than this say that it does not. */
const RESULT_MINUTES_MAX = 3;
/** What was overdue longer than this should have been settled by a timer or by the sweep. */
const SETTLED_WITHIN_SECONDS = 90;

/** Every one holds at every moment, whatever has crashed. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'I1_seat_owner',
    sentence: 'a seat with two live owners',
    sql: `SELECT t.concert_seat_id AS seatId, COUNT(*) AS owners FROM reservation_ticket t JOIN reservation r ON r.id = t.reservation_id
      WHERE r.status = 'PAID' OR ${SURELY_LIVE_HOLD} GROUP BY t.concert_seat_id HAVING owners > 1`,
  },
  {
    name: 'I2_seat_count',
    sentence: 'a date whose sold and held seats are not those of its reservations',
    sql: `SELECT s.id AS seatId, s.status, r.status AS reservationStatus FROM concert_seat s JOIN reservation r ON r.id = s.reservation_id
      WHERE (s.status = 'SOLD') <> (r.status = 'PAID')
         OR (s.status = 'HELD' AND s.held_until > NOW(3) AND NOT ${LIVE_HOLD})
      UNION ALL SELECT s.id, s.status, r.status FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
        JOIN concert_seat s ON s.id = t.concert_seat_id
      WHERE ${SURELY_LIVE_HOLD} AND NOT s.reservation_id <=> r.id`,
  },
  {
    name: 'I3_payment',
    sentence: 'PAID without exactly one payment and one debit, or a payment without PAID',
    sql: `SELECT r.id AS reservationId, r.status, p.id AS paymentId, e.id AS entryId FROM reservation r
      LEFT JOIN payment p ON p.reservation_id = r.id
      LEFT JOIN asset_entry e ON e.reference = CONCAT('payment-reservation-', r.id) AND e.amount = -r.total_price
      WHERE (r.status = 'PAID') <> (p.id IS NOT NULL) OR (p.id IS NOT NULL) <> (e.id IS NOT NULL)
      UNION ALL SELECT reservation_id, NULL, COUNT(*) AS payments, NULL FROM payment GROUP BY reservation_id HAVING payments > 1
      UNION ALL SELECT NULL, NULL, NULL, e.id FROM asset_entry e LEFT JOIN payment p
        ON p.reservation_id = CAST(SUBSTRING(e.reference, CHAR_LENGTH('payment-reservation-') + 1) AS UNSIGNED)
      WHERE e.kind = 'PAYMENT' AND p.id IS NULL`,
  },
  {
    name: 'I4_balance',
    sentence: 'a balance that is not the sum of its ledger',
    sql: `SELECT a.user_id AS userId, a.balance, COALESCE(SUM(e.amount), 0) AS ledger FROM asset a
      LEFT JOIN asset_entry e ON e.user_id = a.user_id GROUP BY a.user_id, a.balance HAVING a.balance <> ledger`,
  },
  {
    name: 'I5_one_token',
    sentence: 'two live tokens of one user in a queue, or two equal ticket numbers',
    sql: `SELECT queue_id AS queueId, user_id AS userId, COUNT(*) AS tokens FROM waiting_token
      WHERE status IN ('WAITING', 'ACTIVE') GROUP BY queue_id, user_id HAVING tokens > 1
      UNION ALL SELECT t.queue_id, NULL, COUNT(*) AS tokens FROM waiting_token t
      JOIN queue q ON q.id = t.queue_id AND t.ticket_no > q.next_ticket_no - 20000
      GROUP BY t.queue_id, t.ticket_no HAVING tokens > 1`,
  },
  {
    name: 'I6_order',
    sentence: 'a token admitted before an earlier one that is still waiting',
    sql: `SELECT t.id AS tokenId, t.ticket_no AS ticketNo FROM waiting_token t JOIN queue q ON q.id = t.queue_id
      WHERE t.status = 'WAITING' AND t.ticket_no <= q.served_ticket_no`,
  },
  {
    name: 'I7_cap',
    sentence: 'an admission beyond the cap in force at that moment',
    sql: `SELECT a.id AS tokenId, a.admitted_max_active AS cap, COUNT(*) AS active FROM waiting_token a
      JOIN queue q ON q.id = a.queue_id AND a.ticket_no > q.served_ticket_no - 200 AND a.ticket_no <= q.served_ticket_no
      JOIN waiting_token b ON b.queue_id = a.queue_id AND b.activated_at <= a.activated_at
        AND b.ticket_no <= q.served_ticket_no AND b.ticket_no > q.served_ticket_no - 20000
        AND (b.ended_at IS NULL OR b.ended_at > a.activated_at)
      WHERE a.activated_at IS NOT NULL GROUP BY a.id, a.admitted_max_active HAVING active > cap`,
  },
  {
    name: 'I8_rate',
    sentence: 'admissions beyond the rate in force, within a minute',
    sql: `SELECT a.id AS tokenId, a.admitted_per_minute AS rate, COUNT(*) AS admissions FROM waiting_token a
      JOIN queue q ON q.id = a.queue_id AND a.ticket_no > q.served_ticket_no - 200 AND a.ticket_no <= q.served_ticket_no
      JOIN waiting_token b ON b.queue_id = a.queue_id AND b.activated_at <= a.activated_at
        AND b.activated_at > a.activated_at - INTERVAL 60 SECOND AND b.admitted_per_minute = a.admitted_per_minute
        AND b.ticket_no <= q.served_ticket_no AND b.ticket_no > q.served_ticket_no - 20000
      WHERE a.admitted_per_minute IS NOT NULL GROUP BY a.id, a.admitted_per_minute
      HAVING admissions > rate + GREATEST(1, rate / 30)`,
  },
  {
    name: 'I12_seat_release',
    sentence:
      'a hold long overdue and not settled, a seat sold without a sold ticket, or a paid ticket whose seat is not its own',
    sql: `SELECT r.id AS reservationId, NULL AS seatId FROM reservation r
      WHERE r.status = 'HELD' AND r.expires_at < NOW(3) - INTERVAL ${SETTLED_WITHIN_SECONDS} SECOND
      UNION ALL SELECT s.reservation_id, s.id FROM concert_seat s LEFT JOIN reservation_ticket t ON t.sold_seat_id = s.id
      WHERE s.status = 'SOLD' AND t.id IS NULL
      UNION ALL SELECT r.id, s.id FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
        JOIN concert_seat s ON s.id = t.concert_seat_id
      WHERE r.status = 'PAID' AND NOT (s.status = 'SOLD' AND s.reservation_id <=> r.id)`,
  },
  {
    name: 'I14_workflow',
    sentence: 'a hold or an active token without a workflow for over a minute',
    sql: `SELECT 'reservation' AS kind, id FROM reservation
      WHERE workflow_started_at IS NULL AND status = 'HELD' AND reserved_at < NOW(3) - INTERVAL 60 SECOND
      UNION ALL SELECT 'token', id FROM waiting_token
      WHERE workflow_started_at IS NULL AND status = 'ACTIVE' AND activated_at < NOW(3) - INTERVAL 60 SECOND`,
  },
];

export interface Violation {
  name: string;
  sentence: string;
  rows: object[];
}

/** Checks every invariant; a result for each, with the violating rows (the first `ROWS_MAX`). */
export async function checkInvariants(db: Database): Promise<Violation[]> {
  const results: Violation[] = [];
  for (const { name, sentence, sql } of INVARIANTS) {
    results.push({
      name,
      sentence,
      rows: await select<object>(db, `SELECT * FROM (${sql}) violation LIMIT ${ROWS_MAX}`),
    });
  }
  return results;
}

/** Publishes the results for every process that serves metrics. */
export async function saveInvariantResults(db: Database, results: readonly Violation[]): Promise<void> {
  await write(
    db,
    `INSERT INTO invariant_result (name, violations, checked_at) VALUES ${results.map(() => '(?, ?, NOW(3))').join(', ')}
     ON DUPLICATE KEY UPDATE violations = VALUES(violations), checked_at = VALUES(checked_at)`,
    results.flatMap((result) => [result.name, result.rows.length]),
  );
}

/** The results of the last sweep; none when it has been silent for minutes, so that an alert can see its absence. */
export async function readInvariantResults(db: Database): Promise<{ name: string; violations: number }[]> {
  return select(
    db,
    `SELECT name, violations FROM invariant_result
     WHERE checked_at > NOW(3) - INTERVAL ${RESULT_MINUTES_MAX} MINUTE ORDER BY name`,
  );
}
