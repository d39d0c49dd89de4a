import type { Checks, Ranged } from './check';

/** Keys are kept a day: an effect older than this may have lost its own. */
const KEPT_HOURS = 23;
/** An outcome is stored in the transaction of its effect, which has the earlier clock, and takes less than this. */
const STORED_WITHIN_SECONDS = 60;

/** The balances of some users against the last entries of their ledgers. */
const balances = (which: string) =>
  `SELECT userId, balance, ledger FROM (
    SELECT a.user_id AS userId, a.balance, COALESCE((SELECT e.balance_after FROM asset_entry e WHERE e.user_id = a.user_id
      ORDER BY e.id DESC LIMIT 1), 0) AS ledger FROM asset a WHERE ${which}) account WHERE balance <> ledger`;

/**
 * The balance before an entry. It is looked up only for a user's first one of the range: the database walks through the
 * user's entries for it, and one user may have all of them.
 */
const balanceBefore = `COALESCE(previous, (SELECT b.balance_after FROM asset_entry b
  WHERE b.user_id = userId AND b.id < :from ORDER BY b.id DESC LIMIT 1), 0)`;

/**
 * Effects of one kind and the outcomes that name them: `name` is the member of a stored body that only they have. Both are
 * counted in one pass instead of joined, because the order of a join is the database's to choose, and one order would
 * read those of a user anew for each of the user's effects.
 */
function stored(table: Ranged, at: string, name: string, id: string, only = '1 = 1'): { over: Ranged; sql: string } {
  const inRange = `FROM ${table} WHERE id BETWEEN :from AND :to AND ${only}`;
  return {
    over: table,
    sql: `SELECT effectId AS ${name}, userId, SUM(outcome) AS outcomes FROM (
        SELECT id AS effectId, user_id AS userId, 1 AS effect, 0 AS outcome ${inRange}
          AND ${at} > NOW(3) - INTERVAL ${KEPT_HOURS} HOUR
        UNION ALL
        SELECT CAST(JSON_VALUE(body, '$.${id}') AS SIGNED), user_id, 0, 1 FROM idempotency_key
        WHERE created_at >= (SELECT MIN(${at}) ${inRange})
          AND created_at <= (SELECT MAX(${at}) + INTERVAL ${STORED_WITHIN_SECONDS} SECOND ${inRange})
          AND JSON_VALUE(body, '$.${name}') IS NOT NULL
      ) seen GROUP BY effectId, userId HAVING SUM(effect) = 1 AND outcomes <> 1`,
  };
}

export const MONEY_CHECKS: Checks = {
  I3_payment: [
    {
      over: 'reservation',
      sql: `SELECT r.id AS reservationId, r.status, p.id AS paymentId, e.id AS entryId FROM reservation r
        LEFT JOIN payment p ON p.reservation_id = r.id
        LEFT JOIN asset_entry e ON e.reference = CONCAT('payment-reservation-', r.id) AND e.user_id = r.user_id
          AND e.kind = 'PAYMENT' AND e.amount = -r.total_price
        WHERE r.id BETWEEN :from AND :to AND ((r.status = 'PAID') <> (p.id IS NOT NULL) OR (p.id IS NOT NULL) <> (e.id IS NOT NULL))`,
    },
    {
      over: 'payment',
      sql: `SELECT p.reservation_id AS reservationId, p.id AS paymentId, other.id AS otherId FROM payment p
        STRAIGHT_JOIN payment other ON other.reservation_id = p.reservation_id AND other.id <> p.id WHERE p.id BETWEEN :from AND :to`,
    },
    {
      over: 'payment',
      sql: `SELECT p.id AS paymentId, p.price, r.total_price AS totalPrice FROM payment p STRAIGHT_JOIN reservation r ON r.id = p.reservation_id
        WHERE p.id BETWEEN :from AND :to AND NOT (p.user_id = r.user_id AND p.price = r.total_price
          AND r.total_price <=> (SELECT SUM(t.price) FROM reservation_ticket t WHERE t.reservation_id = r.id))`,
    },
    {
      over: 'asset_entry',
      sql: `SELECT e.id AS entryId FROM asset_entry e LEFT JOIN payment p
          ON p.reservation_id = CAST(SUBSTRING(e.reference, CHAR_LENGTH('payment-reservation-') + 1) AS UNSIGNED)
        WHERE e.id BETWEEN :from AND :to AND e.kind = 'PAYMENT' AND p.id IS NULL`,
    },
  ],
  // Each entry continues the one before it, and the balance is that of the last: so it is the sum, at the price of two look-ups.
  I4_balance: [
    {
      over: 'asset_entry',
      sql: `SELECT entryId, userId, amount, ${balanceBefore} AS balanceBefore, balanceAfter FROM (
          SELECT id AS entryId, user_id AS userId, amount, balance_after AS balanceAfter,
            LAG(balance_after) OVER (PARTITION BY user_id ORDER BY id) AS previous
          FROM asset_entry WHERE id BETWEEN :from AND :to) entry
        WHERE balanceAfter <> ${balanceBefore} + amount`,
    },
    {
      over: 'asset_entry',
      sql: balances('a.user_id IN (SELECT m.user_id FROM asset_entry m WHERE m.id BETWEEN :from AND :to)'),
    },
    { over: 'asset', sql: balances('a.id BETWEEN :from AND :to') },
  ],
  I10_one_effect: [
    {
      over: 'asset',
      sql: `SELECT k.user_id AS userId, COUNT(*) AS outcomes FROM asset a JOIN idempotency_key k ON k.user_id = a.user_id
        WHERE a.id BETWEEN :from AND :to GROUP BY k.user_id, k.key_hash HAVING outcomes > 1`,
    },
    stored('reservation', 'reserved_at', 'scheduleId', 'id'),
    stored('payment', 'paid_at', 'reservationId', 'id'),
    stored('asset_entry', 'created_at', 'entryId', 'entryId', `kind = 'CHARGE'`),
  ],
};
