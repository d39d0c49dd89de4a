import { chargeAssets, lockAssets } from '../../src/db/asset';
import { holdSeats } from '../../src/db/hold';
import { KeyTaken } from '../../src/db/idempotency';
import { select } from '../../src/db/sql';
import { decideTogether, type Work } from '../../src/db/together';
import { Refusal } from '../../src/errors';
import { rolledBack, until, untilUnderWay, useDatabase } from '../support/database';
import {
  balanceOf,
  charge,
  CURRENCY,
  granted,
  holdOf,
  key,
  makeBuyer,
  makeBuyers,
  makeSale,
  makeUser,
  makeUsers,
  TERMS,
} from '../support/fixtures';

const { db } = useDatabase();

/** `granted`, or the code of the refusal. */
const summary = (outcome: unknown) =>
  outcome instanceof Refusal ? outcome.code : outcome instanceof Error ? outcome.constructor.name : 'granted';

describe('holds of one moment', () => {
  test('each is granted or refused alone, in one transaction', async () => {
    const sale = await makeSale(db, { seats: 6 });
    const [one, two, three, four] = await makeBuyers(db, 4);
    const [a, b, c, d, e] = sale.seatIds as number[];
    const inputs = [
      holdOf(one!, sale, [b!, a!]),
      holdOf(two!, sale, [a!]), // taken by the first
      holdOf(two!, sale, [c!]),
      holdOf(three!, sale, [999_999]),
      holdOf({ ...three!, tokenId: 999_999 }, sale, [d!]),
      holdOf(four!, sale, [d!, e!]),
    ];
    let commits = 0;
    const count = ({ sql }: { sql: string }) => void (sql.startsWith('COMMIT') && (commits += 1));
    db.on('query', count);

    const outcomes = await holdSeats(db, TERMS, inputs);

    db.off('query', count);

    expect(outcomes.map(summary)).toEqual([
      'granted',
      'seat_taken',
      'granted',
      'validation_failed',
      'queue_token_ended',
      'granted',
    ]);
    // One for the company, one for the token that is not there: it might have been somebody's at that moment.
    expect(commits).toBe(2);
    const held = outcomes.flatMap((outcome) => (outcome instanceof Error ? [] : [outcome]));
    expect(held.map(({ tickets }) => tickets.map(({ seatId }) => seatId))).toEqual([[a, b], [c], [d, e]]);
    for (const [index, view] of [
      [0, held[0]],
      [2, held[1]],
      [5, held[2]],
    ] as const) {
      const [stored] = await select<{ body: string }>(db, 'SELECT body FROM idempotency_key WHERE key_hash = ?', [
        inputs[index]!.key.hash,
      ]);
      expect(JSON.parse(stored!.body)).toEqual(view);
    }
  });

  test('of one fan, they count together towards the ticket limit (I11)', async () => {
    const sale = await makeSale(db, { seats: 9 });
    const buyer = await makeBuyer(db);
    const inputs = [0, 3, 6].map((first) => holdOf(buyer, sale, sale.seatIds.slice(first, first + 2)));

    const outcomes = await holdSeats(db, TERMS, inputs);

    expect(outcomes.map(summary)).toEqual(['granted', 'granted', 'ticket_limit_exceeded']);
  });

  test('a key that is taken takes only its own hold back', async () => {
    const sale = await makeSale(db, { seats: 4 });
    const [one, two] = await makeBuyers(db, 2);
    const first = holdOf(one!, sale, [sale.seatIds[0]!]);
    granted((await holdSeats(db, TERMS, [first]))[0]);
    const again = { ...first, seatIds: [sale.seatIds[1]!] };

    const outcomes = await holdSeats(db, TERMS, [again, holdOf(two!, sale, [sale.seatIds[2]!])]);

    expect(outcomes).toEqual([expect.any(KeyTaken), expect.objectContaining({ status: 'HELD' })]);
  });

  test('one whose token somebody is working on waits alone: the others are answered without it', async () => {
    const sale = await makeSale(db, { seats: 4 });
    const [busy, other] = await makeBuyers(db, 2);
    const held = await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [busy!.tokenId]);
      const outcomes = holdSeats(db, TERMS, [
        holdOf(busy!, sale, [sale.seatIds[0]!]),
        holdOf(other!, sale, [sale.seatIds[1]!]),
      ]);
      await until('the other is answered', async () => (await reservationsOf(other!.userId)) === 1);
      expect(await reservationsOf(busy!.userId)).toBe(0);
      return { outcomes };
    });

    expect((await held.outcomes).map(summary)).toEqual(['granted', 'granted']);
  });
});

describe('charges of one moment', () => {
  test('of one user go on from each other; what one may not have is no trouble of the others', async () => {
    const [one, two] = await makeUsers(db, 2);
    await charge(db, one!, 100);
    const taken = key(two!, 'taken');
    await charge(db, two!, 5, taken);
    const input = (userId: number, amount: number, withKey = key(userId)) => ({ userId, amount, key: withKey });

    const outcomes = await chargeAssets(db, CURRENCY, [
      input(one!, 10),
      input(two!, 7),
      input(one!, 20),
      input(two!, 9, taken),
      input(999_999, 1),
      input(one!, Number.MAX_SAFE_INTEGER),
    ]);

    expect(outcomes.map(summary)).toEqual(['granted', 'granted', 'granted', 'KeyTaken', 'Error', 'validation_failed']);
    expect([await balanceOf(db, one!), await balanceOf(db, two!)]).toEqual([130, 12]);
  });
});

describe('decideTogether', () => {
  /** Takes the lock of a balance and does nothing with it. `skips`: as it should, or as a control, not. */
  const lockBalance = (skips: boolean): Work<number, { userId: number }, number> => ({
    decide: async (trx, userIds, skip) => {
      const balances = await lockAssets(trx, userIds, skips ? skip : '');
      return userIds.map((userId) => (balances.has(userId) ? { userId } : undefined));
    },
    save: async (_, grants) => grants.map(({ userId }) => userId),
  });

  /** Whether the second of two users is answered while somebody has locked the balance of the first. */
  async function isAnsweredMeanwhile(skips: boolean): Promise<boolean> {
    const [busy, other] = [await makeUser(db), await makeUser(db)];
    let answered = false;
    const work = lockBalance(skips);
    const both = await rolledBack(db, async (trx) => {
      await trx.raw('SELECT balance FROM asset WHERE user_id = ? FOR UPDATE', [busy]);
      const outcomes = decideTogether(db, [busy, other], {
        ...work,
        save: async (some, grants) => {
          answered ||= grants.some(({ userId }) => userId === other);
          return work.save(some, grants);
        },
      });
      if (skips) await until('the other is answered', async () => answered);
      else await untilUnderWay(db, '%FROM asset%FOR UPDATE%');
      return { outcomes, meanwhile: answered };
    });
    expect(await both.outcomes).toEqual([busy, other]);
    return both.meanwhile;
  }

  test('passes over what is locked, and answers the others', async () => {
    expect(await isAnsweredMeanwhile(true)).toBe(true);
  });

  test('control: without passing over, all wait for one', async () => {
    expect(await isAnsweredMeanwhile(false)).toBe(false);
  });

  test('a lost connection is told to all, and not tried again for each', async () => {
    const users = await makeUsers(db, 3);
    let attempts = 0;

    const outcomes = await decideTogether<number, object, number>(db, users, {
      decide: async (trx) => {
        attempts += 1;
        const [row] = await select<{ id: number }>(trx, 'SELECT CONNECTION_ID() AS id');
        await db.raw('KILL ?', [row!.id]);
        await trx.raw('SELECT 1');
        return [];
      },
      save: async () => [],
    });

    expect(attempts).toBe(1);
    expect(outcomes.every((outcome) => outcome instanceof Error)).toBe(true);
  });
});

async function reservationsOf(userId: number): Promise<number> {
  const [row] = await select<{ count: number }>(db, 'SELECT COUNT(*) AS count FROM reservation WHERE user_id = ?', [
    userId,
  ]);
  return row?.count ?? 0;
}
