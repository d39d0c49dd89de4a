import express from 'express';
import pino from 'pino';
import request from 'supertest';
import { createLookup } from '../../src/api/batches';
import { createGuard } from '../../src/api/guard';
import { createIdempotent } from '../../src/api/idempotency';
import { createTokenWatch } from '../../src/api/live/token-watch';
import { problems } from '../../src/api/problem';
import { createQueueSnapshot } from '../../src/api/queue-snapshot';
import { createQueueTokens } from '../../src/api/queue-token';
import { paymentRoutes } from '../../src/api/routes/payment';
import { routesOf } from '../../src/api/routes/routes';
import type { Database } from '../../src/db/connect';
import { findTokens } from '../../src/db/tokens';
import { altered } from '../support/altered';
import { useDatabase } from '../support/database';
import { hold, makeBuyer, makeSale, pay, type Buyer } from '../support/fixtures';
import { useNamespace } from '../support/namespace';

const database = useDatabase();
const { client } = useNamespace();
const { db } = database;
const logger = pino({ enabled: false });
const queueTokens = createQueueTokens('a-secret-of-this-test-and-of-nothing-else');

/** What the route reads at once, in the order in which it is judged. */
const READS = {
  payment: /FROM payment p JOIN reservation r .* WHERE p\.reservation_id = \? AND p\.user_id = \?/s,
  turn: /FROM waiting_token t JOIN queue q/,
  hold: /FROM reservation r LEFT JOIN payment p/,
};
type Read = keyof typeof READS;

/** A database that cannot answer now, and one that finds a statement wrong. */
const FAILURES = {
  unavailable: `SIGNAL SQLSTATE '70100' SET MYSQL_ERRNO = 1317, MESSAGE_TEXT = 'interrupted'`,
  internal: 'SELECT nothing_like_this',
};

interface Course {
  fails?: Partial<Record<Read, keyof typeof FAILURES>>;
  /** The second of them is asked when the first has been answered. */
  order?: [Read, Read];
}

/** The database as the route sees it. */
function readingWith({ fails = {}, order }: Course): Database {
  let answered = (): void => undefined;
  const first = new Promise<void>((resolve) => (answered = resolve));
  const reads = Object.keys(READS) as Read[];
  const on = altered(database.pool(4), async (sql) => {
    const read = reads.find((name) => READS[name].test(sql));
    if (!read) return sql;
    if (order?.[1] === read) await first;
    return fails[read] ? FAILURES[fails[read]] : sql;
  });
  const see = (_answer: unknown, { sql }: { sql: string }) => order && READS[order[0]].test(sql) && answered();
  return on.on('query-response', see).on('query-error', see) as Database;
}

/** Asks one API whose reads take this course to pay a reservation; `token` is that of the request. */
async function payWhere(course: Course, { userId, tokenId }: Buyer, reservationId: number) {
  const on = readingWith(course);
  const snapshot = createQueueSnapshot({ db: on, logger });
  const findToken = createLookup((ids: readonly number[]) => findTokens(on, ids));
  const identify = async () => ({ userId, role: 'user' as const });
  const app = express().use(express.json());
  paymentRoutes(routesOf(app, problems(logger)), {
    db: on,
    client,
    identify,
    guard: createGuard({ queueTokens, findToken, snapshot }),
    idempotent: createIdempotent({ db: on, identify }),
    tokenWatch: createTokenWatch({ db: on, snapshot, logger }),
  });
  const post = request(app).post('/api/v1/payments').set('Idempotency-Key', 'key');
  const { status, body } = await post.set('X-Queue-Token', queueTokens.mint(tokenId)).send({ reservationId });
  return status < 300 ? [status, body.id] : [status, body.code, body.detail];
}

async function makeHold() {
  const sale = await makeSale(db, { seats: 1 });
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const { id } = await hold(db, buyer, sale, sale.seatIds);
  return { buyer, id };
}

const AWAY = [503, 'unavailable', 'The database cannot answer right now.'];
const OF_ANOTHER = [403, 'queue_token_of_another_user', 'This queue token was issued to somebody else.'];

test('who has no turn is told so, though the look for the hold failed before that was known', async () => {
  const { buyer, id } = await makeHold();
  const { tokenId } = await makeBuyer(db);
  const course: Course = { fails: { hold: 'unavailable' }, order: ['hold', 'turn'] };
  expect(await payWhere(course, { ...buyer, tokenId }, id)).toEqual(OF_ANOTHER);
});

test('who may have paid is not told that the turn is over, which the payment has ended, though that is known first', async () => {
  const { buyer, id } = await makeHold();
  await pay(db, buyer, id);
  const course: Course = { fails: { payment: 'unavailable' }, order: ['turn', 'payment'] };
  expect(await payWhere(course, buyer, id)).toEqual(AWAY);
});

test('who has paid gets the payment, though turn and hold cannot be read', async () => {
  const { buyer, id } = await makeHold();
  const { payment } = await pay(db, buyer, id);
  const course: Course = { fails: { turn: 'unavailable', hold: 'internal' } };
  expect(await payWhere(course, buyer, id)).toEqual([200, payment.id]);
});

test('whose turn cannot be read is not told that there is no such hold, though that is known first', async () => {
  const { buyer } = await makeHold();
  const course: Course = { fails: { turn: 'unavailable' }, order: ['hold', 'turn'] };
  expect(await payWhere(course, buyer, 999_999)).toEqual(AWAY);
  expect(await payWhere({}, buyer, 999_999)).toEqual([404, 'not_found', 'You have no reservation 999999.']);
});

test.each(['payment', 'turn', 'hold'] as const)(
  'a read that fails is answered as 503 where the database is away, and as 500 where the fault is ours: %s',
  async (read) => {
    const { buyer, id } = await makeHold();
    expect(await payWhere({ fails: { [read]: 'unavailable' } }, buyer, id)).toEqual(AWAY);
    const internal = [500, 'internal', 'The cause was logged under this trace id.'];
    expect(await payWhere({ fails: { [read]: 'internal' } }, buyer, id)).toEqual(internal);
  },
);
