import {
  timeFaults,
  type AdminConcertView,
  type AdminScheduleView,
  type ConcertPatch,
  type SchedulePatch,
} from '../contracts/admin';
import { invalid } from '../errors';
import { findConcert, selectSchedules } from './concert';
import type { Database, Executor, Transaction } from './connect';
import { changePrices } from './plan';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

/** All concerts, on sale or not, by id. */
export async function listAllConcerts(
  db: Executor,
  page: { limit: number; afterId?: number | undefined },
): Promise<AdminConcertView[]> {
  return selectConcerts(db, 'c.id > ? ORDER BY c.id LIMIT ?', [page.afterId ?? 0, page.limit]);
}

async function selectConcerts(db: Executor, condition: string, bindings: unknown[]): Promise<AdminConcertView[]> {
  return select(
    db,
    `SELECT c.id, c.name, c.description, q.name AS queue FROM concert c JOIN queue q ON q.id = c.queue_id
     WHERE ${condition}`,
    bindings,
  );
}

/** Changes a concert's texts; `undefined` if there is no such concert. */
export async function updateConcert(
  db: Database,
  id: number,
  { name, description }: ConcertPatch,
): Promise<AdminConcertView | undefined> {
  await write(db, 'UPDATE concert SET name = COALESCE(?, name), description = COALESCE(?, description) WHERE id = ?', [
    name ?? null,
    description ?? null,
    id,
  ]);
  return (await selectConcerts(db, 'c.id = ?', [id]))[0];
}

/** All dates of a concert, by date; `undefined` if there is no such concert. */
export async function listAllSchedules(db: Executor, concertId: number): Promise<AdminScheduleView[] | undefined> {
  if (!(await findConcert(db, concertId))) return undefined;
  return selectAdminSchedules(db, 's.concert_id = ?', concertId);
}

async function selectAdminSchedules(db: Executor, condition: string, id: number): Promise<AdminScheduleView[]> {
  const schedules = await selectSchedules(db, condition, [id]);
  const more = await select<{ id: number; seats: number; prices: string | null }>(
    db,
    `SELECT s.id, (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id) AS seats, p.prices
     FROM concert_schedule s LEFT JOIN seating_plan p ON p.concert_schedule_id = s.id WHERE ${condition}`,
    [id],
  );
  const byId = new Map(more.map((row) => [row.id, row]));
  return schedules.map((schedule) => {
    const { seats = 0, prices = null } = byId.get(schedule.id) ?? {};
    return { ...schedule, seats, prices: prices === null ? null : JSON.parse(prices) };
  });
}

/** Changes a date; `undefined` if there is none. Throws `validation_failed` where its times would be out of order. */
export async function updateSchedule(
  db: Database,
  id: number,
  { prices, ...patch }: SchedulePatch,
): Promise<AdminScheduleView | undefined> {
  return transact(db, async (trx) => {
    // A hold locks its seats first and the schedule after them.
    if (prices) await changePrices(trx, id, prices);
    await saveTimes(trx, id, patch);
    return (await selectAdminSchedules(trx, 's.id = ?', id))[0];
  });
}

interface ScheduleRow {
  place: string;
  reservationStartAt: Date;
  reservationEndAt: Date;
  concertAt: Date;
}

async function saveTimes(trx: Transaction, id: number, patch: Omit<SchedulePatch, 'prices'>): Promise<void> {
  const row = await selectOne<ScheduleRow>(
    trx,
    `SELECT place, reservation_st_date AS reservationStartAt, reservation_end_date AS reservationEndAt,
       concert_date AS concertAt FROM concert_schedule WHERE id = ? FOR UPDATE`,
    [id],
  );
  if (!row) return;
  const next = { ...row, ...patch };
  const faults = timeFaults(next);
  if (faults.length > 0) throw invalid(...faults.map(({ field, detail }) => ({ pointer: `/${field}`, detail })));
  await write(
    trx,
    `UPDATE concert_schedule SET place = ?, reservation_st_date = ?, reservation_end_date = ?, concert_date = ?
     WHERE id = ?`,
    [next.place, ...[next.reservationStartAt, next.reservationEndAt, next.concertAt].map((time) => new Date(time)), id],
  );
}
