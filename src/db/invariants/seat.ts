import type { Checks } from './check';

/** What was overdue longer than this should have been settled by a timer or by the sweep. */
const SETTLED_WITHIN_SECONDS = 90;

/**
 * SYSDATE goes on while a statement runs, NOW stands still from its start: rows are compared with a clock read after
 * them, so that a hold that ended and was taken over in between is nobody's fault.
 */
const live = (reservation: string) =>
  `(${reservation}.status = 'PAID' OR (${reservation}.status = 'HELD' AND ${reservation}.expires_at > SYSDATE(3)))`;

/** Not by status: of all that were ever paid, only the part is to be looked at. */
const reservations = 'reservation r FORCE INDEX (PRIMARY)';

export const SEAT_CHECKS: Checks = {
  I1_seat_owner: [
    {
      over: 'reservation',
      sql: `SELECT mine.concert_seat_id AS seatId, r.id AS reservationId, other.id AS otherId
        FROM ${reservations} STRAIGHT_JOIN reservation_ticket mine ON mine.reservation_id = r.id
        STRAIGHT_JOIN reservation_ticket theirs ON theirs.concert_seat_id = mine.concert_seat_id AND theirs.reservation_id <> r.id
        STRAIGHT_JOIN reservation other ON other.id = theirs.reservation_id
        WHERE r.id BETWEEN :from AND :to AND ${live('r')} AND ${live('other')}`,
    },
  ],
  I2_seat_count: [
    {
      over: 'reservation',
      sql: `SELECT s.id AS seatId, s.status, r.id AS reservationId, r.status AS reservationStatus
        FROM reservation r STRAIGHT_JOIN concert_seat s ON s.reservation_id = r.id
        WHERE r.id BETWEEN :from AND :to AND ((s.status = 'SOLD') <> (r.status = 'PAID')
          OR (s.status = 'HELD' AND s.held_until > NOW(3) AND NOT (r.status = 'HELD' AND r.expires_at > NOW(3))))`,
    },
    {
      over: 'reservation',
      sql: `SELECT s.id AS seatId, s.status, r.id AS reservationId, r.status AS reservationStatus
        FROM reservation r STRAIGHT_JOIN reservation_ticket t ON t.reservation_id = r.id STRAIGHT_JOIN concert_seat s ON s.id = t.concert_seat_id
        WHERE r.id BETWEEN :from AND :to AND r.status = 'HELD' AND r.expires_at > SYSDATE(3) AND NOT s.reservation_id <=> r.id`,
    },
  ],
  I11_ticket_limit: [
    {
      // Of each user who held something in this range: what they had at the moment of each hold, as a running sum.
      over: 'reservation',
      sql: `SELECT id AS reservationId, user_id AS userId, tickets, max_tickets AS maxTickets FROM (
          SELECT r.id, r.user_id, r.max_tickets, step.step, SUM(step.step * r.tickets) OVER (
            PARTITION BY r.user_id, r.concert_schedule_id ORDER BY IF(step.step = 1, r.reserved_at, r.gone_at), step.step) AS tickets
          FROM (
            SELECT h.id, h.user_id, h.concert_schedule_id, h.max_tickets, h.reserved_at,
              CASE h.status WHEN 'PAID' THEN NULL WHEN 'CANCELLED' THEN LEAST(h.completed_at, h.expires_at) ELSE h.expires_at END AS gone_at,
              (SELECT COUNT(*) FROM reservation_ticket t WHERE t.reservation_id = h.id) AS tickets
            FROM (SELECT DISTINCT n.user_id FROM reservation n WHERE n.id BETWEEN :from AND :to) holder
              STRAIGHT_JOIN reservation h ON h.user_id = holder.user_id
          ) r STRAIGHT_JOIN (SELECT 1 AS step UNION ALL SELECT -1) step ON step.step = 1 OR r.gone_at IS NOT NULL
        ) event WHERE step = 1 AND tickets > max_tickets`,
    },
  ],
  I12_seat_release: [
    {
      over: 'all',
      sql: `SELECT id AS reservationId FROM reservation
        WHERE status = 'HELD' AND expires_at < NOW(3) - INTERVAL ${SETTLED_WITHIN_SECONDS} SECOND`,
    },
    {
      over: 'reservation',
      sql: `SELECT r.id AS reservationId, s.id AS seatId FROM reservation r
        STRAIGHT_JOIN concert_seat s ON s.reservation_id = r.id AND s.status = 'SOLD'
        LEFT JOIN reservation_ticket t ON t.sold_seat_id = s.id
        WHERE r.id BETWEEN :from AND :to AND t.id IS NULL`,
    },
    {
      over: 'reservation',
      sql: `SELECT r.id AS reservationId, s.id AS seatId FROM ${reservations}
        STRAIGHT_JOIN reservation_ticket t ON t.reservation_id = r.id STRAIGHT_JOIN concert_seat s ON s.id = t.concert_seat_id
        WHERE r.id BETWEEN :from AND :to AND r.status = 'PAID' AND NOT (s.status = 'SOLD' AND s.reservation_id <=> r.id)`,
    },
  ],
};
