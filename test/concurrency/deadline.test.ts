import { freeSeats } from '../../src/db/cancel';
import type { Database } from '../../src/db/connect';
import { releaseHold, type Release } from '../../src/db/release';
import { findReservation } from '../../src/db/reservation';
import { write } from '../../src/db/sql';
import { transact } from '../../src/db/transaction';
import { altered } from '../support/altered';
import { brokenInvariants, until, untilUnderWay, useDatabase } from '../support/database';
import { hold, makeBuyer, makeSale, pay, printedSeed, randomFrom, statusOf } from '../support/fixtures';
import { makeTrials, PRICE, runTrials, type Fate } from './deadline-trials';

/** `TRIALS=10000` for the figures of the README; a tenth of it is enough to notice a mistake. */
const TRIALS = Number(process.env['TRIALS'] ?? 1_000);
const CONTROL_TRIALS = 100;
/** A hundred trials a second, and what a busy machine needs. */
const TIME_LIMIT_MS = 30_000 + 20 * TRIALS;

const database = useDatabase();
const pools = [database.db, database.pool(), database.pool()];
const controls = useDatabase({ checked: false });

const PAID: Fate = { told: 'paid', status: 'PAID', payments: 1, debits: 1, balance: 0, seat: 'SOLD', inTime: 1 };
const EXPIRED: Fate = {
  told: 'hold_expired',
  status: 'EXPIRED',
  payments: 0,
  debits: 0,
  balance: PRICE,
  seat: 'FREE',
  inTime: null,
};

/** How many trials ended in each way. */
function tally(fates: readonly Fate[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { told, status, payments, debits, balance, seat, inTime } of fates) {
    const name = JSON.stringify({ told, status, payments, debits, balance, seat, inTime });
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

test(
  'a payment at the deadline, 30 ms more or less, is PAID with a debit, or EXPIRED without: never both, never neither',
  async () => {
    const random = randomFrom(printedSeed());
    const poolOf = (index: number) => pools[index % pools.length] as Database;
    const trials = await makeTrials(database.db, TRIALS);

    const ends = tally(await runTrials(trials, { poolOf, random, release: releaseHold }));

    const [paid, expired] = [PAID, EXPIRED].map((fate) => ends.get(JSON.stringify(fate)) ?? 0);
    process.stdout.write(`${TRIALS} payments around the deadline: ${paid} paid, ${expired} expired\n`);
    expect([...ends.keys()].sort()).toEqual([PAID, EXPIRED].map((fate) => JSON.stringify(fate)).sort());
    expect(paid! + expired!).toBe(TRIALS);
  },
  TIME_LIMIT_MS,
);

/** Expires what is overdue without asking whether it is still HELD. */
async function releaseAnyStatus(db: Database, reservationId: number): Promise<Release> {
  return transact(db, async (trx) => {
    const { affectedRows } = await write(
      trx,
      `UPDATE reservation SET status = 'EXPIRED', completed_at = expires_at WHERE id = ? AND expires_at <= NOW(3)`,
      [reservationId],
    );
    if (affectedRows === 0) return { outcome: 'TOO_EARLY', remainingMs: 10 };
    await freeSeats(trx, [reservationId]);
    return { outcome: 'EXPIRED' };
  });
}

test('control: where a release does not ask for the status, trials end EXPIRED with a debit', async () => {
  const random = randomFrom(printedSeed());
  const trials = await makeTrials(controls.db, CONTROL_TRIALS);
  const fates = await runTrials(trials, { poolOf: () => controls.db, random, release: releaseAnyStatus });

  const both = fates.filter(({ status, debits }) => status === 'EXPIRED' && debits === 1);
  expect(both.length).toBeGreaterThan(0);
  expect((await brokenInvariants(controls.db)).length).toBeGreaterThan(0);
});

/** Long enough for a busy machine to ask for the last lock meanwhile. */
const LATE_HOLD_SECONDS = 2;

/** Pays with locks that are free only after the deadline, when everybody can read that the hold has expired. */
async function payLate(payer: Database): Promise<string> {
  const sale = await makeSale(controls.db, { seats: 1, price: PRICE });
  const buyer = await makeBuyer(controls.db, { balance: PRICE });
  const held = await hold(controls.db, buyer, sale, sale.seatIds, { holdSeconds: LATE_HOLD_SECONDS });
  const blocker = await controls.db.transaction();
  await blocker.raw('SELECT balance FROM asset WHERE user_id = ? FOR UPDATE', [buyer.userId]);

  const paying = Promise.allSettled([pay(payer, buyer, held.id)]);
  await untilUnderWay(controls.db, '%FROM asset WHERE%FOR UPDATE%');
  await until('the hold reads EXPIRED', async () => {
    return (await findReservation(controls.db, buyer.userId, held.id))?.status === 'EXPIRED';
  });
  await blocker.rollback();
  await paying;
  await releaseHold(controls.db, held.id);
  return statusOf(controls.db, 'reservation', held.id);
}

test('a payment that got its locks after the deadline is refused', async () => {
  expect(await payLate(controls.db)).toBe('EXPIRED');
});

test('control: with the clock of when the last lock was asked for, it is paid after the hold was seen to be EXPIRED', async () => {
  const payer = altered(controls.pool(1), (sql) => sql.replace('SYSDATE(3)', 'NOW(3)'));
  expect(await payLate(payer)).toBe('PAID');
});
