import type { Database } from '../../src/db/connect';
import { select } from '../../src/db/sql';

/** What the tables say about the business; whether a workflow was started is no part of it, nor are untouched seats. */
const ROWS = {
  user: 'SELECT * FROM user',
  asset: 'SELECT * FROM asset',
  asset_entry: 'SELECT * FROM asset_entry',
  queue: 'SELECT * FROM queue',
  queue_departure: 'SELECT * FROM queue_departure',
  waiting_token: `SELECT id, queue_id, user_id, ticket_no, status, activated_at, holds_until, expires_at, ended_at
    FROM waiting_token`,
  concert: 'SELECT * FROM concert',
  concert_schedule: 'SELECT * FROM concert_schedule',
  concert_seat: `SELECT * FROM concert_seat WHERE status <> 'FREE'`,
  seats: 'SELECT concert_schedule_id, COUNT(*), SUM(price) FROM concert_seat GROUP BY concert_schedule_id',
  seating_plan: 'SELECT concert_schedule_id, prices, MD5(CONCAT(plan, seats)) FROM seating_plan',
  reservation: 'SELECT id, user_id, status, total_price, expires_at, completed_at FROM reservation',
  reservation_ticket: 'SELECT * FROM reservation_ticket',
  payment: 'SELECT * FROM payment',
  idempotency_key: 'SELECT * FROM idempotency_key',
} as const;

/** All rows, as text: equal before and after means that nobody's business has changed. */
export async function businessState(db: Database): Promise<Record<string, string[]>> {
  const tables = await Promise.all(
    Object.entries(ROWS).map(async ([table, sql]) => {
      const rows = await select<object>(db, `${sql} ORDER BY 1, 2`);
      return [table, rows.map((row) => JSON.stringify(row))] as const;
    }),
  );
  return Object.fromEntries(tables);
}
