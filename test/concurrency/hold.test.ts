import type { Database, Executor, Transaction } from '../../src/db/connect';
import { saveOutcomes } from '../../src/db/idempotency';
import { select, write } from '../../src/db/sql';
import { cancelReservation } from '../../src/db/reservation';
import { altered } from '../support/altered';
import {
  brokenInvariants,
  interleaved,
  isLockedByAnother,
  rolledBack,
  untilLockWait,
  useDatabase,
} from '../support/database';
import {
  countOf,
  fulfilled,
  hold,
  inParallel,
  key,
  makeBuyer,
  makeBuyers,
  makeSale,
  printedSeed,
  randomFrom,
  refusalCodes,
  rowOf,
  type Buyer,
  type Sale,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;
const pools = [db, database.pool(), database.pool()];
const poolOf = (index: number) => pools[index % pools.length] ?? db;
const WIDTH = 36;
const controls = useDatabase({ checked: false });

describe('one seat', () => {
  test('200 buyers: one holds it, 199 are refused at once', async () => {
    const sale = await makeSale(db, { seats: 1 });
    const buyers = await makeBuyers(db, 200);

    const startedAt = Date.now();
    const results = await inParallel(buyers, WIDTH, (buyer, index) => hold(poolOf(index), buyer, sale, sale.seatIds));

    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(fulfilled(results)).toHaveLength(1);
    const codes = refusalCodes(results);
    expect(codes).toHaveLength(199);
    expect(codes.filter((code) => code !== 'seat_taken' && code !== 'seat_contended')).toEqual([]);
    expect(await countOf(db, 'reservation', 'concert_schedule_id = ?', [sale.scheduleId])).toBe(1);
  });
});

describe('overlapping seats in any order', () => {
  test('30 rounds: nobody waits for anybody, no seat has two owners, every loser holds nothing', async () => {
    const random = randomFrom(printedSeed());
    const sale = await makeSale(db, { seats: 8 });
    const buyers = await makeBuyers(db, 8);
    const choose = () => {
      const seatIds = [...sale.seatIds].sort(() => random() - 0.5).slice(0, 1 + Math.floor(random() * 4));
      return random() < 0.5 ? seatIds : seatIds.reverse();
    };

    for (let round = 0; round < 30; round += 1) {
      const wishes = buyers.map((buyer) => ({ buyer, seatIds: choose() }));
      const results = await Promise.allSettled(
        wishes.map(({ buyer, seatIds }, index) => hold(poolOf(index), buyer, sale, seatIds)),
      );
      const held = fulfilled(results);
      const codes = refusalCodes(results);
      expect(held.length).toBeGreaterThan(0);
      expect(codes.filter((code) => code !== 'seat_taken' && code !== 'seat_contended')).toEqual([]);
      const owned = held.flatMap(({ tickets }) => tickets.map(({ seatId }) => seatId));
      expect(new Set(owned).size).toBe(owned.length);
      expect(await countOf(db, 'concert_seat', `concert_schedule_id = ? AND status = 'HELD'`, [sale.scheduleId])).toBe(
        owned.length,
      );
      expect(await brokenInvariants(db)).toEqual([]);
      for (const { id } of held) {
        const { user_id: userId } = await rowOf<{ user_id: number }>(db, 'reservation', id);
        expect(await cancelReservation(db, userId, id)).toMatchObject({ changed: true });
      }
    }
  });
});

describe('the ticket limit', () => {
  test('ten holds of two seats by one user at once: two succeed (I11)', async () => {
    const sale = await makeSale(db, { seats: 20 });
    const buyer = await makeBuyer(db);
    const pairs = Array.from({ length: 10 }, (_, index) => sale.seatIds.slice(index * 2, index * 2 + 2));

    const results = await Promise.allSettled(pairs.map((pair, index) => hold(poolOf(index), buyer, sale, pair)));

    expect(fulfilled(results)).toHaveLength(2);
    expect(refusalCodes(results)).toEqual(Array.from({ length: 8 }, () => 'ticket_limit_exceeded'));
  });

  test('control: without the lock of the token, two holds count before either is there', async () => {
    const sale = await makeSale(controls.db, { seats: 8 });
    const buyer = await makeBuyer(controls.db);
    const tickets = (executor: Executor) =>
      countOf(executor, 'reservation r JOIN reservation_ticket t ON t.reservation_id = r.id', 'r.user_id = ?', [
        buyer.userId,
      ]);

    await interleaved(controls.db, async (one, two) => {
      expect([await tickets(one), await tickets(two)]).toEqual([0, 0]);
      for (const [index, trx] of [one, two].entries()) {
        const seatIds = sale.seatIds.slice(index * 4, index * 4 + 4);
        await takeSeats(trx, await insertHold(trx, buyer, sale, seatIds), seatIds);
        await trx.commit();
      }
    });

    expect(await tickets(controls.db)).toBe(8);
  });
});

describe('a hold waits for its own seats only, also where a database would rather read all there are', () => {
  const few = useDatabase();

  /** Holds three of four seats while the fourth, which another holds, is locked with its ticket. */
  async function holdBeside(holder: Database, meanwhile: () => Promise<void>): Promise<void> {
    const sale = await makeSale(few.db, { seats: 4 });
    const buyer = await makeBuyer(few.db);
    const { id } = await hold(few.db, await makeBuyer(few.db), sale, sale.seatIds.slice(3));
    let holding: Promise<unknown> = Promise.resolve();
    await rolledBack(few.db, async (trx) => {
      await trx.raw('SELECT id FROM concert_seat WHERE reservation_id = ? FOR UPDATE', [id]);
      await trx.raw('SELECT id FROM reservation_ticket WHERE reservation_id = ? FOR UPDATE', [id]);
      holding = hold(holder, buyer, sale, sale.seatIds.slice(0, 3));
      await Promise.race([holding, meanwhile()]);
    });
    await holding;
    expect(
      await countOf(few.db, 'concert_seat', `status = 'HELD' AND concert_schedule_id = ?`, [sale.scheduleId]),
    ).toBe(4);
  }

  test('it is had meanwhile', async () => {
    await holdBeside(few.db, () => new Promise(() => undefined));
  });

  test.each([
    ['seats', 'PRIMARY'],
    ['tickets', 'reservation_ticket_seat'],
  ])('control: with a plan that reads all %s, it waits', async (_table, index) => {
    const holder = altered(few.pool(1), (sql) => sql.replace(`FORCE INDEX (${index})`, `IGNORE INDEX (${index})`));
    let waited = false;
    await holdBeside(holder, async () => {
      await untilLockWait(few.db);
      waited = true;
    });
    expect(waited).toBe(true);
  });
});

/** As `holdSeats` writes it, without a look at what is there. */
async function insertHold(trx: Transaction, buyer: Buyer, sale: Sale, seatIds: number[]): Promise<number> {
  const { insertId } = await write(
    trx,
    `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency, reserved_at, expires_at)
     VALUES (?, ?, ?, 'HELD', 0, 'KRW', NOW(3), NOW(3) + INTERVAL 300 SECOND)`,
    [buyer.userId, buyer.tokenId, sale.scheduleId],
  );
  await write(
    trx,
    `INSERT INTO reservation_ticket (reservation_id, concert_schedule_id, concert_seat_id, seat_location, price)
     SELECT ?, concert_schedule_id, id, location, price FROM concert_seat WHERE id IN (?)`,
    [insertId, seatIds],
  );
  const body = { id: insertId, scheduleId: sale.scheduleId };
  await saveOutcomes(trx, [{ key: key(buyer.userId), status: 201, body }]);
  return insertId;
}

async function takeSeats(
  trx: Transaction,
  reservationId: number,
  seatIds: number[],
  condition = '1 = 1',
): Promise<number> {
  const { affectedRows } = await write(
    trx,
    `UPDATE concert_seat SET status = 'HELD', held_until = (SELECT expires_at FROM reservation WHERE id = ?), reservation_id = ?
     WHERE id IN (?) AND ${condition}`,
    [reservationId, reservationId, seatIds],
  );
  return affectedRows;
}

describe('control: a seat has two guards, and loses its one owner with both', () => {
  const IS_FREE = `status = 'FREE'`;

  /** Two buyers read the seat before either takes it. Gives how many seats each of them took. */
  async function interleave(guards: { lock: boolean; condition: boolean }): Promise<number[]> {
    const sale = await makeSale(controls.db, { seats: 1 });
    const buyers = await makeBuyers(controls.db, 2);
    return interleaved(controls.db, async (...transactions) => {
      for (const trx of transactions) {
        const lock = guards.lock ? 'FOR UPDATE NOWAIT' : '';
        const free = await select(trx, `SELECT id FROM concert_seat WHERE id = ? AND ${IS_FREE} ${lock}`, [
          sale.seatIds[0],
        ]);
        expect(free).toHaveLength(1);
      }
      const taken: number[] = [];
      for (const [index, trx] of transactions.entries()) {
        const id = await insertHold(trx, buyers[index]!, sale, sale.seatIds);
        const count = await takeSeats(trx, id, sale.seatIds, guards.condition ? IS_FREE : undefined);
        taken.push(count);
        await (count === 1 ? trx.commit() : trx.rollback());
      }
      return taken;
    });
  }

  test('the lock alone refuses the second before it has read', async () => {
    const refused = await interleave({ lock: true, condition: false }).catch((error: unknown) => error);

    expect(isLockedByAnother(refused)).toBe(true);
    expect(await brokenInvariants(controls.db)).toEqual([]);
  });

  test('the condition alone gives the second no row', async () => {
    expect(await interleave({ lock: false, condition: true })).toEqual([1, 0]);
    expect(await brokenInvariants(controls.db)).toEqual([]);
  });

  test('without both, two own the seat', async () => {
    expect(await interleave({ lock: false, condition: false })).toEqual([1, 1]);
    expect(await brokenInvariants(controls.db)).toContain('I1_seat_owner');
  });
});
