import type { AddSeatsRequest, CreateConcertRequest, CreateScheduleRequest } from '../contracts/admin';
import type { ConcertView, ScheduleView, SeatMapView } from '../contracts/concert';
import { invalid } from '../errors';
import type { Executor, Database, Transaction } from './connect';
import { ensureQueue } from './queue-settings';
import { isDuplicateKey, readClock, select, selectOne, write } from './sql';
import { transact } from './transaction';

export const ON_SALE = 's.reservation_st_date <= NOW(3) AND NOW(3) < s.reservation_end_date';
/** A hold whose time is over is free, whatever its row says. */
export const AVAILABLE = `(status = 'FREE' OR (status = 'HELD' AND held_until <= NOW(3)))`;

/** The concerts of a queue that have a date on sale now, by id. */
export async function listConcerts(
  db: Executor,
  page: { queueId: number; limit: number; afterId?: number | undefined },
): Promise<ConcertView[]> {
  return select(
    db,
    `SELECT c.id, c.name, c.description FROM concert c WHERE c.queue_id = ? AND c.id > ?
       AND EXISTS (SELECT 1 FROM concert_schedule s WHERE s.concert_id = c.id AND ${ON_SALE})
     ORDER BY c.id LIMIT ?`,
    [page.queueId, page.afterId ?? 0, page.limit],
  );
}

/** A concert and the queue it is sold through. */
export async function findConcert(db: Executor, id: number): Promise<(ConcertView & { queueId: number }) | undefined> {
  return selectOne(db, 'SELECT id, name, description, queue_id AS queueId FROM concert WHERE id = ?', [id]);
}

type ScheduleRow = Omit<ScheduleView, 'reservationStartAt' | 'reservationEndAt' | 'concertAt'> & {
  reservationStartAt: Date;
  reservationEndAt: Date;
  concertAt: Date;
};

/** `schedules`: a condition on `s`. The seats are counted from the index alone. */
export async function selectSchedules(db: Executor, schedules: string, bindings: unknown[]): Promise<ScheduleView[]> {
  const rows = await select<ScheduleRow>(
    db,
    `SELECT s.id, s.concert_id AS concertId, s.place, s.reservation_st_date AS reservationStartAt,
       s.reservation_end_date AS reservationEndAt, s.concert_date AS concertAt,
       (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id AND ${AVAILABLE}) AS availableSeats
     FROM concert_schedule s WHERE ${schedules} ORDER BY s.concert_date, s.id`,
    bindings,
  );
  return rows.map((row) => ({
    ...row,
    reservationStartAt: row.reservationStartAt.toISOString(),
    reservationEndAt: row.reservationEndAt.toISOString(),
    concertAt: row.concertAt.toISOString(),
  }));
}

/** The dates of a concert that can be booked now, by date. */
export async function listSchedules(db: Executor, concertId: number): Promise<ScheduleView[]> {
  return selectSchedules(db, `s.concert_id = ? AND ${ON_SALE}`, [concertId]);
}

/** A schedule and the queue it is sold through. */
export async function findSchedule(db: Executor, id: number): Promise<{ id: number; queueId: number } | undefined> {
  return selectOne(
    db,
    'SELECT s.id, c.queue_id AS queueId FROM concert_schedule s JOIN concert c ON c.id = s.concert_id WHERE s.id = ?',
    [id],
  );
}

/** All seats of a schedule as they are now, and until when that is true if nobody does anything. */
export async function readSeatMap(
  db: Executor,
  scheduleId: number,
): Promise<{ view: SeatMapView; validUntil: Date | null }> {
  const rows = await select<{
    id: number;
    location: string;
    price: number;
    available: number;
    heldUntil: Date | null;
    now: Date;
  }>(
    db,
    `SELECT id, location, price, ${AVAILABLE} AS available, held_until AS heldUntil, NOW(3) AS now
     FROM concert_seat WHERE concert_schedule_id = ? ORDER BY id`,
    [scheduleId],
  );
  const now = rows[0]?.now ?? (await readClock(db));
  let validUntil: Date | null = null;
  for (const { heldUntil, available } of rows) {
    if (heldUntil && !available && (!validUntil || heldUntil < validUntil)) validUntil = heldUntil;
  }
  const seats = rows.map(({ id, location, price, available }) => ({ id, location, price, available: available === 1 }));
  const availableSeats = seats.filter((seat) => seat.available).length;
  return { view: { scheduleId, asOf: now.toISOString(), availableSeats, seats }, validUntil };
}

/** Adds a concert, sold through its queue; a queue that does not exist yet is made with these settings. */
export async function createConcert(
  db: Database,
  body: CreateConcertRequest,
  queueSettings: { maxActive: number; activeSeconds: number },
): Promise<ConcertView> {
  return transact(db, async (trx) => {
    const queueId = await ensureQueue(trx, body.queue ?? 'main', queueSettings);
    const { insertId } = await write(trx, 'INSERT INTO concert (queue_id, name, description) VALUES (?, ?, ?)', [
      queueId,
      body.name,
      body.description,
    ]);
    return { id: insertId, name: body.name, description: body.description };
  });
}

/** Adds a date to a concert; `undefined` if there is no such concert. */
export async function createSchedule(
  db: Database,
  concertId: number,
  body: CreateScheduleRequest,
): Promise<ScheduleView | undefined> {
  if (!(await findConcert(db, concertId))) return undefined;
  const { insertId } = await write(
    db,
    `INSERT INTO concert_schedule (concert_id, place, reservation_st_date, reservation_end_date, concert_date)
     VALUES (?, ?, ?, ?, ?)`,
    [
      concertId,
      body.place,
      new Date(body.reservationStartAt),
      new Date(body.reservationEndAt),
      new Date(body.concertAt),
    ],
  );
  return (await selectSchedules(db, 's.id = ?', [insertId]))[0];
}

/** Adds seats to a schedule, all or none; `undefined` if there is no such schedule. Refuses a location that exists. */
export async function addSeats(
  db: Database,
  scheduleId: number,
  seats: AddSeatsRequest['seats'],
): Promise<{ added: number } | undefined> {
  if (!(await findSchedule(db, scheduleId))) return undefined;
  return transact(db, async (trx) => {
    await refuseExisting(trx, scheduleId, seats);
    try {
      await write(trx, 'INSERT INTO concert_seat (concert_schedule_id, location, price) VALUES ?', [
        seats.map((seat) => [scheduleId, seat.location, seat.price]),
      ]);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw invalid({ pointer: '/seats', detail: 'another call is adding one of these locations' });
    }
    return { added: seats.length };
  });
}

async function refuseExisting(trx: Transaction, scheduleId: number, seats: AddSeatsRequest['seats']): Promise<void> {
  const rows = await select<{ location: string }>(
    trx,
    'SELECT location FROM concert_seat WHERE concert_schedule_id = ? AND location IN (?)',
    [scheduleId, seats.map((seat) => seat.location)],
  );
  const existing = new Set(rows.map((row) => row.location));
  const faults = seats.flatMap((seat, index) =>
    existing.has(seat.location)
      ? [{ pointer: `/seats/${index}/location`, detail: `seat ${seat.location} exists already` }]
      : [],
  );
  if (faults.length > 0) throw invalid(...faults);
}
