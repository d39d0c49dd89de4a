import type { PlanExportView, PlanPrices, PlanView } from '../contracts/plan';
import { invalid, Refusal } from '../errors';
import { pointerTo } from '../faults';
import type { PricedPlan } from '../plan/check';
import { walkSeats } from '../plan/walk';
import type { Database, Executor, Transaction } from './connect';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

/** One statement takes this many seats: well below the server's packet limit, some ten milliseconds. */
const SEATS_PER_STATEMENT = 1_000;

/**
 * Makes the seats of a schedule by its plan, all in one transaction; `undefined` if there is no such schedule. Refuses one
 * that has seats (`schedule_has_seats`): what is held or sold cannot be drawn anew.
 */
export async function importPlan(
  db: Database,
  scheduleId: number,
  priced: PricedPlan,
): Promise<{ added: number } | undefined> {
  return transact(db, async (trx) => {
    // Whoever adds seats or imports another plan waits here, or has been waited for.
    const schedule = await selectOne(trx, 'SELECT id FROM concert_schedule WHERE id = ? FOR UPDATE', [scheduleId]);
    if (!schedule) return undefined;
    const seat = await selectOne(trx, 'SELECT id FROM concert_seat WHERE concert_schedule_id = ? LIMIT 1', [
      scheduleId,
    ]);
    if (seat) throw new Refusal('schedule_has_seats', `Schedule ${scheduleId} has seats already.`);
    return { added: await insertPlan(trx, scheduleId, priced) };
  });
}

/** Writes a plan and its seats for a schedule that has none. Returns how many seats. */
export async function insertPlan(trx: Transaction, scheduleId: number, { plan, prices }: PricedPlan): Promise<number> {
  const placed = [...walkSeats(plan)];
  await inBatches(
    placed.map(({ seat, location }) => [scheduleId, location, prices[seat.category]]),
    (rows) => write(trx, 'INSERT INTO concert_seat (concert_schedule_id, location, price) VALUES ?', [rows]),
  );
  const seats = await select<{ id: number; location: string }>(
    trx,
    'SELECT id, location FROM concert_seat WHERE concert_schedule_id = ?',
    [scheduleId],
  );
  const idOf = new Map(seats.map(({ id, location }) => [location, id]));
  const idByGuid: PlanView['seats'] = Object.fromEntries(
    placed.map(({ seat, location }) => [seat.seat_guid, idOf.get(location) as number]),
  );
  await write(trx, 'INSERT INTO seating_plan (concert_schedule_id, plan, prices, seats) VALUES (?, ?, ?, ?)', [
    scheduleId,
    ...[plan, prices, idByGuid].map((part) => JSON.stringify(part)),
  ]);
  return placed.length;
}

async function inBatches<Item>(items: readonly Item[], work: (batch: Item[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += SEATS_PER_STATEMENT) {
    await work(items.slice(from, from + SEATS_PER_STATEMENT));
  }
}

/** The JSON text of a `PlanView`; `undefined` where a schedule has no plan. Never changes once it is there. */
export async function readPlan(db: Executor, scheduleId: number): Promise<string | undefined> {
  const row = await selectOne<{ plan: string; seats: string }>(
    db,
    'SELECT plan, seats FROM seating_plan WHERE concert_schedule_id = ?',
    [scheduleId],
  );
  return row && `{"plan":${row.plan},"seats":${row.seats}}`;
}

/** The plan of a schedule with its prices, as it was imported, in the newest form. */
export async function exportPlan(db: Executor, scheduleId: number): Promise<PlanExportView | undefined> {
  const row = await selectOne<{ plan: string; prices: string }>(
    db,
    'SELECT plan, prices FROM seating_plan WHERE concert_schedule_id = ?',
    [scheduleId],
  );
  return row && { plan: JSON.parse(row.plan), prices: JSON.parse(row.prices) };
}

/**
 * Changes what the seats of some categories cost from the next hold on; who holds or has paid keeps the price agreed.
 * Locks the schedule's plan, then the seats by id. Throws `validation_failed` for what is no category of its plan.
 */
export async function changePrices(trx: Transaction, scheduleId: number, changes: PlanPrices): Promise<void> {
  const row = await selectOne<{ plan: string; prices: string; seats: string }>(
    trx,
    'SELECT plan, prices, seats FROM seating_plan WHERE concert_schedule_id = ? FOR UPDATE',
    [scheduleId],
  );
  const prices: PlanPrices = row ? JSON.parse(row.prices) : {};
  const unknown = Object.keys(changes).filter((name) => !Object.hasOwn(prices, name));
  if (unknown.length > 0) {
    const detail = 'is not a category of the plan of this date';
    throw invalid(...unknown.map((name) => ({ pointer: pointerTo(['prices', name]), detail })));
  }
  if (!row) return;
  const idByGuid: PlanView['seats'] = JSON.parse(row.seats);
  const changed = [...walkSeats(JSON.parse(row.plan))]
    .filter(({ seat }) => Object.hasOwn(changes, seat.category))
    .map(({ seat }) => ({ id: idByGuid[seat.seat_guid] as number, price: changes[seat.category] as number }))
    .sort((a, b) => a.id - b.id);
  await inBatches(changed, async (seats) => {
    await select(trx, 'SELECT id FROM concert_seat WHERE id IN (?) ORDER BY id FOR UPDATE', [
      seats.map(({ id }) => id),
    ]);
    for (const price of new Set(seats.map((seat) => seat.price))) {
      const ids = seats.filter((seat) => seat.price === price).map(({ id }) => id);
      await write(trx, 'UPDATE concert_seat SET price = ? WHERE id IN (?)', [price, ids]);
    }
  });
  await write(trx, 'UPDATE seating_plan SET prices = ? WHERE concert_schedule_id = ?', [
    JSON.stringify({ ...prices, ...changes }),
    scheduleId,
  ]);
}
