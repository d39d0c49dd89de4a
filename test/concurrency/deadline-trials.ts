import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/db/connect';
import { holdSeats } from '../../src/db/hold';
import type { Release } from '../../src/db/release';
import { select, write } from '../../src/db/sql';
import {
  granted,
  holdOf,
  makeBuyers,
  makeQueue,
  makeSale,
  pay,
  refusalCodes,
  TERMS,
  type Buyer,
  type Sale,
} from '../support/fixtures';

export const PRICE = 1_000;
/** Payments come this much before or after the deadline, at the most. */
const SPREAD_MS = 30;
/** The holds of a group end at one moment, the groups one after another: a hundred payments a second. */
const GROUP = 4;
const GROUP_EVERY_MS = 40;
/**
 * What counts is when a payment has its locks, and that is later on a busy machine. So each that was too late lets the
 * next ones start this much earlier, and each that was in time as much later: about half are in time everywhere.
 */
const LEAD_STEP_MS = 1;
const BUYERS_AT_ONCE = 500;

export interface Trial {
  buyer: Buyer;
  sale: Sale;
  seatId: number;
}

/** What whoever paid was told, and what the rows say after it. */
export interface Fate {
  told: string;
  status: string;
  payments: number;
  debits: number;
  balance: number;
  seat: string;
  /** Paid before its deadline; null where nothing was paid. */
  inTime: 0 | 1 | null;
}

/** That many buyers with the price of one seat, and a seat for each. */
export async function makeTrials(db: Database, count: number): Promise<Trial[]> {
  const { name: queue } = await makeQueue(db, { maxActive: count });
  const trials: Trial[] = [];
  while (trials.length < count) {
    const size = Math.min(BUYERS_AT_ONCE, count - trials.length);
    const sale = await makeSale(db, { seats: size, price: PRICE, queue });
    const buyers = await makeBuyers(db, size, { balance: PRICE, queue });
    trials.push(...buyers.map((buyer, index) => ({ buyer, sale, seatId: sale.seatIds[index] as number })));
  }
  // Nobody runs workflows here, which would be noticed after a minute (I14).
  await write(db, 'UPDATE waiting_token SET workflow_started_at = activated_at');
  return trials;
}

export interface Race {
  /** Each call takes another one. */
  poolOf(index: number): Database;
  random(): number;
  release(db: Database, reservationId: number): Promise<Release>;
}

/** Holds every seat for a second, and pays and releases it around its deadline by the real clock. */
export async function runTrials(trials: readonly Trial[], race: Race): Promise<Fate[]> {
  const lead = { ms: 0 };
  const groups = Array.from({ length: Math.ceil(trials.length / GROUP) }, (_, index) =>
    trials.slice(index * GROUP, (index + 1) * GROUP),
  );
  const running = groups.map(async (group, turn) => {
    await sleep(turn * GROUP_EVERY_MS);
    const inputs = group.map(({ buyer, sale, seatId }) => holdOf(buyer, sale, [seatId]));
    const holds = (await holdSeats(race.poolOf(0), { ...TERMS, holdSeconds: 1 }, inputs)).map(granted);
    return Promise.all(
      holds.map(async ({ id, expiresAt }, index) => ({
        id,
        told: await payAndRelease(race, group[index] as Trial, { id, deadlineMs: Date.parse(expiresAt), index, lead }),
      })),
    );
  });
  const answers = (await Promise.all(running)).flat();
  return fatesOf(race.poolOf(0), new Map(answers.map((answer) => [answer.id, answer.told])));
}

interface Hold {
  id: number;
  index: number;
  deadlineMs: number;
  lead: { ms: number };
}

async function payAndRelease({ poolOf, random, release }: Race, { buyer }: Trial, hold: Hold): Promise<string> {
  const { id, index, lead } = hold;
  const around = (ms: number) => sleep(Math.max(0, ms - Date.now() + (2 * random() - 1) * SPREAD_MS));
  const paying = around(hold.deadlineMs - lead.ms).then(() => pay(poolOf(index), buyer, id));
  const releasing = around(hold.deadlineMs).then(async () => {
    // As the workflow of the reservation does.
    let released = await release(poolOf(index + 1), id);
    while (released.outcome === 'TOO_EARLY') {
      await sleep(released.remainingMs);
      released = await release(poolOf(index + 1), id);
    }
  });
  const [paid] = await Promise.allSettled([paying, releasing]);
  await releasing;
  lead.ms += paid.status === 'fulfilled' ? -LEAD_STEP_MS : LEAD_STEP_MS;
  return refusalCodes([paid])[0] ?? 'paid';
}

async function fatesOf(db: Database, told: ReadonlyMap<number, string>): Promise<Fate[]> {
  const rows = await select<Omit<Fate, 'told'> & { id: number }>(
    db,
    `SELECT r.id, r.status, a.balance, s.status AS seat,
       (SELECT COUNT(*) FROM payment p WHERE p.reservation_id = r.id) AS payments,
       (SELECT COUNT(*) FROM asset_entry e WHERE e.user_id = r.user_id AND e.kind = 'PAYMENT') AS debits,
       (SELECT MAX(p.paid_at) < r.expires_at FROM payment p WHERE p.reservation_id = r.id) AS inTime
     FROM reservation r JOIN asset a ON a.user_id = r.user_id
       JOIN reservation_ticket t ON t.reservation_id = r.id JOIN concert_seat s ON s.id = t.concert_seat_id
     WHERE r.id IN (?)`,
    [[...told.keys()]],
  );
  return rows.map(({ id, ...row }) => ({ told: told.get(id) ?? 'nothing', ...row }));
}
