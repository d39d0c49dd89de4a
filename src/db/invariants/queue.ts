import type { Checks } from './check';

/**
 * A token is checked a moment before what it allows is written, and a statement that ends it has read its clock before
 * it waited for the lock. A transaction that stands still for longer than this loses its connection.
 */
const MOMENT = 'INTERVAL 10 SECOND';

/** With the numbers in it, and not those of the queue's row: a million may be waiting, and none is to be looked at. */
const inTurn = 't.queue_id = :queue AND t.ticket_no BETWEEN :from AND :to';
const notEndedBefore = (at: string) => `(t.ended_at IS NULL OR t.ended_at + ${MOMENT} > ${at})`;

export const QUEUE_CHECKS: Checks = {
  I5_one_token: [
    {
      over: 'waiting_token',
      sql: `SELECT t.id AS tokenId, other.id AS otherId, t.user_id AS userId FROM waiting_token t
        STRAIGHT_JOIN waiting_token other ON other.queue_id = t.queue_id AND other.user_id = t.user_id AND other.live = 1 AND other.id <> t.id
        WHERE t.id BETWEEN :from AND :to AND t.live = 1`,
    },
    {
      over: 'waiting_token',
      sql: `SELECT t.id AS tokenId, other.id AS otherId, t.ticket_no AS ticketNo FROM waiting_token t
        STRAIGHT_JOIN waiting_token other ON other.queue_id = t.queue_id AND other.ticket_no = t.ticket_no AND other.id <> t.id
        WHERE t.id BETWEEN :from AND :to`,
    },
  ],
  I6_order: [
    {
      over: 'turns',
      sql: `SELECT t.id AS tokenId, t.ticket_no AS ticketNo FROM waiting_token t WHERE ${inTurn} AND t.status = 'WAITING'`,
    },
    {
      over: 'waiting_token',
      sql: `SELECT t.id AS tokenId, t.ticket_no AS ticketNo FROM waiting_token t STRAIGHT_JOIN queue q ON q.id = t.queue_id
        WHERE t.id BETWEEN :from AND :to AND IF(t.status = 'WAITING', t.ticket_no <= q.served_ticket_no,
          t.activated_at IS NOT NULL AND t.ticket_no > q.served_ticket_no)`,
    },
    {
      over: 'turns',
      sql: `SELECT tokenId, ticketNo FROM (
          SELECT t.id AS tokenId, t.ticket_no AS ticketNo, t.activated_at AS at, LAG(t.activated_at) OVER (ORDER BY t.ticket_no) AS earlier
          FROM waiting_token t WHERE ${inTurn} AND t.activated_at IS NOT NULL
        ) admission WHERE at < earlier`,
    },
  ],
  // How many were inside at each admission, as a running sum of those who came and those who went, who go first.
  I7_cap: [
    {
      over: 'turns',
      sql: `SELECT id AS tokenId, cap, active FROM (
          SELECT t.id, t.admitted_max_active AS cap, step.step, SUM(step.step) OVER (
            PARTITION BY t.queue_id ORDER BY IF(step.step = 1, t.activated_at, t.ended_at), step.step) AS active
          FROM waiting_token t JOIN (SELECT 1 AS step UNION ALL SELECT -1) step ON step.step = 1 OR t.ended_at IS NOT NULL
          WHERE ${inTurn} AND t.activated_at IS NOT NULL
        ) event WHERE step = 1 AND active > cap`,
    },
  ],
  I8_rate: [
    {
      over: 'turns',
      sql: `SELECT id AS tokenId, rate, admissions FROM (
          SELECT t.id, t.admitted_per_minute AS rate, COUNT(*) OVER (PARTITION BY t.queue_id, t.admitted_per_minute
            ORDER BY TIMESTAMPDIFF(MICROSECOND, '2020-01-01', t.activated_at) DIV 1000
            RANGE BETWEEN 59999 PRECEDING AND CURRENT ROW) AS admissions
          FROM waiting_token t WHERE ${inTurn} AND t.activated_at IS NOT NULL AND t.admitted_per_minute IS NOT NULL
        ) admission WHERE admissions > rate + GREATEST(1, rate / 30)`,
    },
  ],
  I9_live_token: [
    {
      over: 'reservation',
      sql: `SELECT r.id AS reservationId, t.id AS tokenId FROM reservation r
        STRAIGHT_JOIN waiting_token t ON t.id = r.waiting_token_id
        STRAIGHT_JOIN concert_schedule s ON s.id = r.concert_schedule_id STRAIGHT_JOIN concert c ON c.id = s.concert_id
        WHERE r.id BETWEEN :from AND :to AND (t.user_id = r.user_id AND t.queue_id = c.queue_id
          AND t.activated_at <= r.reserved_at AND t.holds_until + ${MOMENT} > r.reserved_at
          AND ${notEndedBefore('r.reserved_at')}) IS NOT TRUE`,
    },
    {
      over: 'payment',
      sql: `SELECT p.id AS paymentId, t.id AS tokenId FROM payment p
        STRAIGHT_JOIN reservation r ON r.id = p.reservation_id STRAIGHT_JOIN waiting_token t ON t.id = r.waiting_token_id
        WHERE p.id BETWEEN :from AND :to AND (p.user_id = r.user_id
          AND t.activated_at <= p.paid_at AND t.expires_at + ${MOMENT} > p.paid_at
          AND ${notEndedBefore('p.paid_at')}) IS NOT TRUE`,
    },
  ],
};
