import { OVERVIEW_SCHEDULES_MAX, type SaleView, type SalesHistoryView } from '../contracts/operator';
import type { Database, Executor } from './connect';
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

/** A piece of time; they are numbered since 1970. */
interface Bucket {
  bucket: number;
  sold: number;
  revenue: number;
}

/**
 * What a date sold in each of the last pieces of time, the one under way last, and how many of its seats were held and
 * free at the end of each; `undefined` if there is no such date. Seats added meanwhile count as free from the beginning.
 */
export async function readSalesHistory(
  db: Database,
  scheduleId: number,
  bucketSeconds: number,
): Promise<SalesHistoryView | undefined> {
  // One snapshot for all three readings, or what is sold between them would be counted twice or not at all.
  return db.transaction((trx) => readHistory(trx, scheduleId, bucketSeconds), { isolationLevel: 'repeatable read' });
}

async function readHistory(trx: Executor, scheduleId: number, bucketSeconds: number) {
  const now = await selectOne<{ current: number; seats: number; sold: number }>(
    trx,
    `SELECT UNIX_TIMESTAMP() DIV ? AS current,
       (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id) AS seats,
       (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id AND status = 'SOLD') AS sold
     FROM concert_schedule s WHERE id = ?`,
    [bucketSeconds, scheduleId],
  );
  if (!now) return undefined;
  const { seats, current } = now;
  const span: Span = { scheduleId, bucketSeconds, first: current - BUCKETS + 1, current };
  const [sales, holds] = [await readBuckets(trx, span), await readHolds(trx, span)];
  let soldByThen = now.sold;
  const items = Array.from({ length: BUCKETS }, (_, ago) => {
    const bucket = current - ago;
    const { sold = 0, revenue = 0 } = sales.get(bucket) ?? {};
    const held = holds
      .filter(({ startedIn, endedIn }) => startedIn <= bucket && bucket < endedIn)
      .reduce((sum, hold) => sum + hold.seats, 0);
    const free = Math.max(0, seats - soldByThen - held);
    soldByThen -= sold;
    return { from: new Date(bucket * bucketSeconds * 1_000).toISOString(), sold, revenue, held, free };
  });
  return { bucketSeconds, seats, items: items.reverse() };
}

interface Span {
  scheduleId: number;
  bucketSeconds: number;
  first: number;
  current: number;
}

async function readBuckets(db: Executor, span: Span): Promise<ReadonlyMap<number, Bucket>> {
  const { scheduleId, bucketSeconds, first } = span;
  const rows = await select<Bucket>(
    db,
    `SELECT FLOOR(UNIX_TIMESTAMP(r.completed_at)) DIV ? AS bucket, COUNT(*) AS sold,
       CAST(SUM(t.price) AS SIGNED) AS revenue
     FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
     WHERE r.status = 'PAID' AND r.concert_schedule_id = ? AND r.completed_at >= FROM_UNIXTIME(?)
     GROUP BY bucket`,
    [bucketSeconds, scheduleId, first * bucketSeconds],
  );
  return new Map(rows.map((row) => [row.bucket, row]));
}

/** Seats held from one bucket into another; those held now end in the next one. */
interface Held {
  startedIn: number;
  endedIn: number;
  seats: number;
}

/** At most one row for each pair of buckets, of holds that ended in the span or go on. */
async function readHolds(db: Executor, { scheduleId, bucketSeconds, first, current }: Span): Promise<Held[]> {
  return select<Held>(
    db,
    `SELECT GREATEST(FLOOR(UNIX_TIMESTAMP(h.reserved_at)) DIV ?, ?) AS startedIn,
       IF(h.ended_at > NOW(3), ?, FLOOR(UNIX_TIMESTAMP(h.ended_at)) DIV ?) AS endedIn, COUNT(*) AS seats
     FROM (
       SELECT id, reserved_at, completed_at AS ended_at FROM reservation
       WHERE status IN ('PAID', 'EXPIRED', 'CANCELLED') AND concert_schedule_id = ? AND completed_at >= FROM_UNIXTIME(?)
       UNION ALL
       SELECT id, reserved_at, expires_at FROM reservation WHERE status = 'HELD' AND concert_schedule_id = ?
     ) h JOIN reservation_ticket t ON t.reservation_id = h.id GROUP BY startedIn, endedIn`,
    [bucketSeconds, first - 1, current + 1, bucketSeconds, scheduleId, first * bucketSeconds, scheduleId],
  );
}
