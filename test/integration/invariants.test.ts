import { checkInvariants, readInvariantResults, ROW_INVARIANTS, saveInvariantResults } from '../../src/db/invariants';
import { partsOf } from '../../src/db/invariants/check';
import { checked, INVARIANTS } from '../../src/invariants';
import { write } from '../../src/db/sql';
import type { Transaction } from '../../src/db/connect';
import { brokenInvariants, rolledBack, useDatabase } from '../support/database';
import {
  type Buyer,
  hold,
  issueAll,
  makeActiveToken,
  makeBuyer,
  makeQueue,
  makeSale,
  makeUser,
  pay,
  type Sale,
} from '../support/fixtures';

/** Its unique keys are gone, so that everything can be planted. */
const { db } = useDatabase({ checked: false });
const sound = useDatabase();

let sale: Sale;
let buyer: Buyer;
let heldId: number;
let paidId: number;

/** One sale with a hold, a payment, a free seat and somebody waiting: nothing is wrong with it. */
async function makeWorld(): Promise<void> {
  sale = await makeSale(db, { seats: 3 });
  buyer = await makeBuyer(db, { balance: 5_000 });
  heldId = (await hold(db, buyer, sale, sale.seatIds.slice(0, 1))).id;
  paidId = (await hold(db, buyer, sale, sale.seatIds.slice(1, 2))).id;
  await pay(db, buyer, paidId);
  const queue = await makeQueue(db, { paused: true });
  await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);
}

beforeAll(async () => {
  await db.raw(
    `ALTER TABLE waiting_token DROP KEY waiting_token_one_live, DROP KEY waiting_token_ticket,
      ADD KEY waiting_token_ticket (queue_id, ticket_no)`,
  );
  await db.raw('ALTER TABLE payment ADD KEY of_reservation (reservation_id), DROP KEY payment_once');
  await db.raw('ALTER TABLE idempotency_key ADD KEY of_user (user_id), DROP PRIMARY KEY');
  await makeWorld();
});

/** A token that was admitted `secondsAgo` and is still inside. */
const admitted = (trx: Transaction, queueId: number, userId: number, ticketNo: number, perMinute: number | null) =>
  write(
    trx,
    `INSERT INTO waiting_token (queue_id, user_id, ticket_no, status, issued_at, activated_at, expires_at, holds_until,
       admitted_max_active, admitted_per_minute)
     VALUES (?, ?, ?, 'ACTIVE', NOW(3), NOW(3), NOW(3) + INTERVAL 1 HOUR, NOW(3) + INTERVAL 1 HOUR, 2, ?)`,
    [queueId, userId, ticketNo, perMinute],
  );

/** Lets a row be from a minute ago, and the token before it. */
async function makeOld(trx: Transaction, table: string, at: string, id: number): Promise<void> {
  await trx.raw('UPDATE waiting_token SET activated_at = NOW(3) - INTERVAL 61 SECOND WHERE id = ?', [buyer.tokenId]);
  await trx.raw('UPDATE ?? SET ?? = NOW(3) - INTERVAL 61 SECOND WHERE id = ?', [table, at, id]);
}

async function admitThree(trx: Transaction, perMinute: number | null): Promise<void> {
  const { insertId: queueId } = await write(
    trx,
    `INSERT INTO queue (name, max_active, active_seconds, next_ticket_no, served_ticket_no) VALUES ('planted', 2, 60, 4, 3)`,
  );
  for (const ticketNo of [1, 2, 3]) {
    const { insertId: userId } = await write(trx, 'INSERT INTO user () VALUES ()');
    await admitted(trx, queueId, userId, ticketNo, perMinute);
  }
}

/** What each invariant forbids, done as a fault in the program would do it. */
const PLANTS: Record<string, Record<string, (trx: Transaction) => Promise<unknown>>> = {
  I1_seat_owner: {
    'a second live hold of a seat': async (trx) => {
      await trx.raw(
        `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency, reserved_at, expires_at, completed_at)
         SELECT user_id, waiting_token_id, concert_schedule_id, 'HELD', 0, currency, NOW(3), expires_at, NULL FROM reservation WHERE id = ?`,
        [heldId],
      );
      await trx.raw(
        `INSERT INTO reservation_ticket (reservation_id, concert_schedule_id, concert_seat_id, seat_location, price)
         SELECT LAST_INSERT_ID(), concert_schedule_id, concert_seat_id, seat_location, price FROM reservation_ticket WHERE reservation_id = ?`,
        [heldId],
      );
    },
  },
  I2_seat_count: {
    'a seat held for a reservation that is cancelled': (trx) =>
      trx.raw(`UPDATE reservation SET status = 'CANCELLED', completed_at = NOW(3) WHERE id = ?`, [heldId]),
    'a live hold whose seat was freed': (trx) =>
      trx.raw(
        `UPDATE concert_seat SET status = 'FREE', held_until = NULL, reservation_id = NULL WHERE reservation_id = ?`,
        [heldId],
      ),
  },
  I3_payment: {
    'a paid reservation without a payment': (trx) => trx.raw('DELETE FROM payment WHERE reservation_id = ?', [paidId]),
    'a payment of a hold': (trx) =>
      trx.raw(
        'INSERT INTO payment (reservation_id, user_id, price, balance_after, paid_at) VALUES (?, ?, 1000, 0, NOW(3))',
        [heldId, buyer.userId],
      ),
    'a payment without its debit': (trx) =>
      trx.raw(`UPDATE asset_entry SET reference = 'another' WHERE reference = ?`, [`payment-reservation-${paidId}`]),
    'a second payment': (trx) =>
      trx.raw(
        `INSERT INTO payment (reservation_id, user_id, price, balance_after, paid_at)
         SELECT reservation_id, user_id, price, balance_after, paid_at FROM payment WHERE reservation_id = ?`,
        [paidId],
      ),
    'a debit for nothing': async (trx) => {
      await trx.raw(
        `INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at)
         SELECT user_id, 'PAYMENT', -1, balance - 1, 'payment-reservation-0', NOW(3) FROM asset WHERE user_id = ?`,
        [buyer.userId],
      );
      await trx.raw('UPDATE asset SET balance = balance - 1 WHERE user_id = ?', [buyer.userId]);
    },
    "a debit of somebody else's": async (trx) => {
      const { insertId: userId } = await write(trx, 'INSERT INTO user () VALUES ()');
      await trx.raw('UPDATE asset_entry SET user_id = ? WHERE reference = ?', [
        userId,
        `payment-reservation-${paidId}`,
      ]);
    },
    'a payment of another price': (trx) =>
      trx.raw('UPDATE payment SET price = price + 1 WHERE reservation_id = ?', [paidId]),
    'a price that is not that of its tickets': (trx) =>
      trx.raw('UPDATE reservation_ticket SET price = price + 1 WHERE reservation_id = ?', [paidId]),
    'a debit of another amount': async (trx) => {
      await trx.raw('UPDATE reservation SET total_price = total_price + 1 WHERE id = ?', [paidId]);
    },
  },
  I4_balance: {
    'money without an entry': (trx) =>
      trx.raw('UPDATE asset SET balance = balance + 1 WHERE user_id = ?', [buyer.userId]),
    'an entry without money': (trx) =>
      trx.raw(
        `INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at) VALUES (?, 'CHARGE', 1, 1, 'x', NOW(3))`,
        [buyer.userId],
      ),
  },
  I5_one_token: {
    'a second live token of a user': (trx) =>
      trx.raw(
        `INSERT INTO waiting_token (queue_id, user_id, ticket_no, status, issued_at)
         SELECT queue_id, user_id, next_ticket_no, 'WAITING', NOW(3) FROM waiting_token t JOIN queue q ON q.id = t.queue_id WHERE t.id = ?`,
        [buyer.tokenId],
      ),
    'the same ticket number twice': (trx) =>
      trx.raw(
        `INSERT INTO waiting_token (queue_id, user_id, ticket_no, status, issued_at, ended_at)
         SELECT queue_id, user_id, ticket_no, 'LEFT', NOW(3), NOW(3) FROM waiting_token WHERE id = ?`,
        [buyer.tokenId],
      ),
  },
  I6_order: {
    'somebody passed over': (trx) => trx.raw(`UPDATE queue SET served_ticket_no = 1 WHERE name <> 'main'`),
    'somebody let in before their turn': (trx) =>
      trx.raw('UPDATE queue q JOIN waiting_token t ON t.queue_id = q.id SET q.served_ticket_no = 0 WHERE t.id = ?', [
        buyer.tokenId,
      ]),
    'somebody let in before an earlier one, who was let in later': async (trx) => {
      await admitThree(trx, null);
      await trx.raw(
        `UPDATE waiting_token SET admitted_max_active = 9,
           activated_at = IF(ticket_no = 2, activated_at - INTERVAL 1 SECOND, activated_at) WHERE admitted_max_active = 2`,
      );
    },
  },
  I7_cap: { 'a third admitted where two may be inside': (trx) => admitThree(trx, null) },
  I8_rate: {
    'three admitted in a minute where one may be': async (trx) => {
      await admitThree(trx, 1);
      await trx.raw('UPDATE waiting_token SET admitted_max_active = 9 WHERE admitted_per_minute = 1');
    },
  },
  I9_live_token: {
    'a hold before the token was active': (trx) =>
      trx.raw('UPDATE waiting_token SET activated_at = NOW(3) + INTERVAL 1 SECOND WHERE id = ?', [buyer.tokenId]),
    'a hold after the time for new ones': (trx) =>
      trx.raw('UPDATE waiting_token SET holds_until = NOW(3) - INTERVAL 1 HOUR WHERE id = ?', [buyer.tokenId]),
    'a hold and a payment with a token that had left': (trx) =>
      trx.raw(`UPDATE waiting_token SET status = 'LEFT', ended_at = NOW(3) - INTERVAL 1 HOUR WHERE id = ?`, [
        buyer.tokenId,
      ]),
    'a payment after the end of its token': (trx) =>
      trx.raw('UPDATE waiting_token SET expires_at = NOW(3) - INTERVAL 1 HOUR WHERE id = ?', [buyer.tokenId]),
    "a hold with another user's token": async (trx) => {
      const { insertId: userId } = await write(trx, 'INSERT INTO user () VALUES ()');
      await trx.raw('UPDATE waiting_token SET user_id = ? WHERE id = ?', [userId, buyer.tokenId]);
    },
    'a hold with a token of another queue': async (trx) => {
      const { insertId: queueId } = await write(
        trx,
        `INSERT INTO queue (name, max_active, active_seconds) VALUES ('another', 1, 60)`,
      );
      await trx.raw('UPDATE concert SET queue_id = ? WHERE id = ?', [queueId, sale.concertId]);
    },
  },
  I10_one_effect: {
    'one key with two outcomes': (trx) =>
      trx.raw(
        `UPDATE idempotency_key SET key_hash = REPEAT('x', 32) WHERE user_id = ? AND JSON_VALUE(body, '$.scheduleId') IS NOT NULL`,
        [buyer.userId],
      ),
    'an effect under two keys': (trx) =>
      trx.raw(
        `INSERT INTO idempotency_key (user_id, key_hash, fingerprint, status, body)
         SELECT user_id, REPEAT('x', 32), fingerprint, status, body FROM idempotency_key
         WHERE user_id = ? AND JSON_VALUE(body, '$.id') = ?`,
        [buyer.userId, heldId],
      ),
    ...Object.fromEntries(
      ['scheduleId', 'reservationId', 'entryId'].map((member) => [
        `an effect whose outcome is stored nowhere: ${member}`,
        (trx: Transaction) =>
          trx.raw(`DELETE FROM idempotency_key WHERE user_id = ? AND JSON_VALUE(body, '$.${member}') IS NOT NULL`, [
            buyer.userId,
          ]),
      ]),
    ),
  },
  I11_ticket_limit: {
    'a second ticket where one was allowed': (trx) =>
      trx.raw('UPDATE reservation SET max_tickets = 1 WHERE id = ?', [paidId]),
  },
  I12_seat_release: {
    'a hold nobody has settled': async (trx) => {
      await trx.raw('UPDATE reservation SET expires_at = NOW(3) - INTERVAL 91 SECOND WHERE id = ?', [heldId]);
      await trx.raw('UPDATE concert_seat SET held_until = NOW(3) - INTERVAL 91 SECOND WHERE reservation_id = ?', [
        heldId,
      ]);
    },
    'a seat sold without a sold ticket': (trx) =>
      trx.raw('UPDATE reservation_ticket SET sold_seat_id = NULL WHERE reservation_id = ?', [paidId]),
    'a paid seat that was freed': (trx) =>
      trx.raw(`UPDATE concert_seat SET status = 'FREE', reservation_id = NULL WHERE reservation_id = ?`, [paidId]),
  },
  I14_workflow: {
    'a hold without a workflow': async (trx) => {
      await makeOld(trx, 'reservation', 'reserved_at', heldId);
      await trx.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
    },
    'an active token without a workflow': (trx) => makeOld(trx, 'waiting_token', 'activated_at', buyer.tokenId),
  },
};

/** What else each is. What was planted has no key; and of two live owners, one has a seat that names the other. */
const IMPLIED: Record<string, string[]> = {
  'a second live hold of a seat': ['I2_seat_count', 'I10_one_effect'],
  'a payment of a hold': ['I10_one_effect'],
  'a second payment': ['I10_one_effect'],
  'an entry without money': ['I10_one_effect'],
  "a debit of somebody else's": ['I4_balance'],
};
/** Rows cannot show these; their controls are with their checks. */
const NOT_IN_ROWS = ['I13_read', 'I14_open_workflow', 'I15_secret'];

describe('checkInvariants', () => {
  test('there is a control for each', () => {
    expect(Object.keys(PLANTS)).toEqual(ROW_INVARIANTS);
    expect([...ROW_INVARIANTS, ...NOT_IN_ROWS].sort()).toEqual(Object.keys(INVARIANTS).sort());
  });

  test.each(['recent', 'complete'] as const)('all hold where nothing is wrong: %s', async (extent) => {
    expect(await checkInvariants(db, extent)).toEqual(
      ROW_INVARIANTS.map((name) => ({ name, sentence: INVARIANTS[name], rows: [] })),
    );
  });

  const plants = Object.entries(PLANTS).flatMap(([name, cases]) =>
    Object.entries(cases).map(([what, plant]) => ({ name, what, plant })),
  );
  test.each(plants)('control: $what is $name', async ({ name, what, plant }) => {
    await rolledBack(db, async (trx) => {
      await plant(trx);
      const broken = [name, ...(IMPLIED[what] ?? [])];
      expect(await brokenInvariants(trx)).toEqual(broken);
      expect(await brokenInvariants(trx, 'recent')).toEqual(broken);
    });
  });

  test('a workflow that was started satisfies I14, however old its row', async () => {
    await rolledBack(db, async (trx) => {
      await makeOld(trx, 'reservation', 'reserved_at', heldId);
      await trx.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
      await trx.raw('UPDATE reservation SET workflow_started_at = NOW(3) WHERE id = ?', [heldId]);
      expect(await brokenInvariants(trx)).toEqual([]);
    });
  });

  test('one that waits while others are started is backlog, not longer than ten minutes', async () => {
    await rolledBack(db, async (trx) => {
      await makeOld(trx, 'reservation', 'reserved_at', heldId);
      await trx.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
      const { id } = await hold(db, await makeBuyer(db), sale, sale.seatIds.slice(2, 3));
      await trx.raw('UPDATE reservation SET workflow_started_at = NOW(3) WHERE id = ?', [id]);
      expect(await brokenInvariants(trx)).toEqual([]);

      await trx.raw('UPDATE waiting_token SET activated_at = NOW(3) - INTERVAL 11 MINUTE WHERE id = ?', [
        buyer.tokenId,
      ]);
      await trx.raw('UPDATE reservation SET reserved_at = NOW(3) - INTERVAL 11 MINUTE WHERE id = ?', [heldId]);
      expect(await brokenInvariants(trx)).toEqual(['I14_workflow']);
    });
  });
});

describe('the sweep', () => {
  /** What is read at some minutes of the database's clock, with assets far apart, one of them with money from nowhere. */
  async function atMinutes<T>(minutes: number[], ask: (trx: Transaction) => Promise<T>): Promise<T[]> {
    return rolledBack(db, async (trx) => {
      const { insertId: userId } = await write(trx, 'INSERT INTO user () VALUES (), ()');
      await write(trx, 'INSERT INTO asset (id, user_id, balance) VALUES (50000, ?, 1), (100000, ?, 0)', [
        userId,
        userId + 1,
      ]);
      const answers: T[] = [];
      try {
        for (const minute of minutes) {
          await trx.raw('SET SESSION timestamp = ?', [minute * 60]);
          answers.push(await ask(trx));
        }
      } finally {
        await trx.raw('SET SESSION timestamp = DEFAULT');
      }
      return answers;
    });
  }
  const minute = 30_000_000;
  const minutes = [0, 1, 2, 3, 4].map((later) => minute + later);

  test('reads what is new each minute, and all the rest once in as many minutes as it has parts', async () => {
    const parts = await atMinutes(minutes, (trx) => partsOf(trx, 'asset', 'recent'));

    expect(parts.map(([newest]) => newest)).toEqual(minutes.map(() => ({ from: 90_001, to: 100_000 })));
    const rest = parts.map(([, part]) => part).sort((a, b) => Number(a?.['from']) - Number(b?.['from']));
    expect(rest.map((part) => part?.['to'])).toEqual([20_000, 40_000, 60_000, 80_000, 90_000]);
    expect(rest.slice(1).map((part) => part?.['from'])).toEqual([20_001, 40_001, 60_001, 80_001]);
  });

  test('finds an old violation when its part has its turn', async () => {
    const broken = await atMinutes(minutes, (trx) => brokenInvariants(trx, 'recent'));
    expect(broken.filter((names) => names.includes('I4_balance'))).toHaveLength(1);
  });

  test('a statement that takes too long is killed', async () => {
    const busy = db.raw('SELECT SLEEP(20)').timeout(100, { cancel: true });
    await expect(busy).rejects.toThrow(/timeout/);
  });
});

describe('the published results', () => {
  test('are those of the last check, one for each invariant', async () => {
    await saveInvariantResults(sound.db, [checked('I4_balance', [{}, {}])]);
    expect(await readInvariantResults(sound.db)).toMatchObject([{ name: 'I4_balance', violations: 2 }]);

    await makeActiveToken(sound.db, await makeUser(sound.db));
    await saveInvariantResults(sound.db, await checkInvariants(sound.db));

    const results = await readInvariantResults(sound.db);
    expect(results.map(({ name }) => name)).toEqual([...ROW_INVARIANTS].sort());
    expect(results.every(({ violations }) => violations === 0)).toBe(true);
  });
});
