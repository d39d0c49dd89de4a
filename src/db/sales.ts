import { OVERVIEW_SCHEDULES_MAX, type SaleView, type SalesHistoryView } from '../contracts/operator';
import type { Executor } from './connect';
import { select, selectOne } from './sql';

type SaleRow = Omit<SaleView, 'free' | 'concertAt' | 'reservationStartAt' | 'reservationEndAt'> & {
  seats: number;
  concertAt: Date;
  reservationStartAt: Date;
  reservationEndAt: Date;
};

/**
 * What the dates of now have sold, those on sale first. Everything is counted from indexes alone: about 1 ms for a
 * thousand seats.
 */
export async function readSales(db: Executor): Promise<SaleView[]> {
  const rows = await select<SaleRow>(
    db,
    `SELECT s.id AS scheduleId, c.id AS concertId, c.name AS concert, s.place, s.concert_date AS concertAt,
       s.reservation_st_date AS reservationStartAt, s.reservation_end_date AS reservationEndAt,
       (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id) AS seats,
       (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id AND status = 'SOLD') AS sold,
       (SELECT COUNT(*) FROM concert_seat
        WHERE concert_schedule_id = s.id AND status = 'HELD' AND held_until > NOW(3)) AS held,
       (SELECT CAST(COALESCE(SUM(total_price), 0) AS SIGNED) FROM reservation
        WHERE concert_schedule_id = s.id AND status = 'PAID') AS revenue
     FROM concert_schedule s JOIN concert c ON c.id = s.concert_id WHERE s.concert_date > NOW(3)
     ORDER BY s.reservation_st_date <= NOW(3) AND NOW(3) < s.reservation_end_date DESC, s.concert_date, s.id LIMIT ?`,
    [OVERVIEW_SCHEDULES_MAX],
  );
  return rows.map(({ seats, ...row }) => ({
    ...row,
    concertAt: row.concertAt.toISOString(),
    reservationStartAt: row.reservationStartAt.toISOString(),
    reservationEndAt: row.reservationEndAt.toISOString(),
    free: seats - row.sold - row.held,
  }));
}

/** How many pieces of time a history has. */
const BUCKETS = 60;

/** What a date sold in each of the last pieces of time, the one under way last; `undefined` if there is no such date. */
export async function readSalesHistory(
  db: Executor,
  scheduleId: number,
  bucketSeconds: number,
): Promise<SalesHistoryView | undefined> {
  const clock = await selectOne<{ current: number }>(
    db,
    'SELECT UNIX_TIMESTAMP() DIV ? AS current FROM concert_schedule WHERE id = ?',
    [bucketSeconds, scheduleId],
  );
  if (!clock) return undefined;
  const first = clock.current - BUCKETS + 1;
  const rows = await select<{ bucket: number; sold: number; revenue: number }>(
    db,
    `SELECT CAST(UNIX_TIMESTAMP(r.completed_at) AS SIGNED) DIV ? AS bucket, COUNT(*) AS sold,
       CAST(SUM(t.price) AS SIGNED) AS revenue
     FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
     WHERE r.status = 'PAID' AND r.concert_schedule_id = ? AND r.completed_at >= FROM_UNIXTIME(?)
     GROUP BY bucket`,
    [bucketSeconds, scheduleId, first * bucketSeconds],
  );
  const byBucket = new Map(rows.map((row) => [row.bucket, row]));
  const items = Array.from({ length: BUCKETS }, (_, index) => {
    const { sold = 0, revenue = 0 } = byBucket.get(first + index) ?? {};
    return { from: new Date((first + index) * bucketSeconds * 1_000).toISOString(), sold, revenue };
  });
  return { bucketSeconds, items };
}
