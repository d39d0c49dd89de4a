import express, { type RequestHandler } from 'express';
import pino from 'pino';
import request from 'supertest';
import { createIdempotent, type Effect } from '../../src/api/idempotency';
import { problems } from '../../src/api/problem';
import { saveOutcomes } from '../../src/db/idempotency';
import { transact } from '../../src/db/transaction';
import { Refusal } from '../../src/errors';
import { useDatabase } from '../support/database';
import { charge, makeUser } from '../support/fixtures';

const { db } = useDatabase();

/** One process: who sends is said by `X-User`, and `effect` is what the test is about. */
function serve(effect: Effect): express.Express {
  const identify = async (req: express.Request) => ({ userId: Number(req.headers['x-user']), role: 'user' as const });
  const idempotent = createIdempotent({ db, identify });
  const handler: RequestHandler = idempotent(effect, (body) => `/made/${(body as { entryId: number }).entryId}`);
  const app = express().use(express.json());
  app.post(['/one', '/other'], handler).use(problems(pino({ enabled: false })));
  return app;
}

const send = (app: express.Express, userId: number, key: string | undefined, body: object = {}, path = '/one') => {
  const post = request(app).post(path).set('X-User', String(userId));
  return (key === undefined ? post : post.set('Idempotency-Key', key)).send(body);
};

/** Charges what the body says, and counts how often it was asked to. */
function charging(status = 201) {
  const seen = { effects: 0 };
  const effect: Effect = async ({ body }, { userId }, key) => {
    seen.effects += 1;
    return { status, body: await charge(db, userId, (body as { amount: number }).amount, key) };
  };
  return { app: serve(effect), seen };
}

test('the same request again: the stored reply, marked as replayed, and no second effect', async () => {
  const { app, seen } = charging();
  const userId = await makeUser(db);

  const first = await send(app, userId, 'key', { amount: 5 });
  const again = await send(app, userId, 'key', { amount: 5 });

  expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined]);
  expect(first.headers.location).toBe(`/made/${first.body.entryId}`);
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
  expect([again.body, again.headers.location]).toEqual([first.body, first.headers.location]);
  expect(seen.effects).toBe(1);
});

test('another body or another address under the same key: idempotency_key_reused', async () => {
  const { app, seen } = charging();
  const userId = await makeUser(db);
  await send(app, userId, 'key', { amount: 5 });

  const others = [
    await send(app, userId, 'key', { amount: 6 }),
    await send(app, userId, 'key', { amount: 5 }, '/other'),
  ];

  expect(others.map(({ status, body }) => [status, body.code])).toEqual([
    [422, 'idempotency_key_reused'],
    [422, 'idempotency_key_reused'],
  ]);
  expect(seen.effects).toBe(1);
});

test('only what was made has an address', async () => {
  const { app } = charging(200);
  expect((await send(app, await makeUser(db), 'key', { amount: 5 })).headers.location).toBeUndefined();
});

test('while a key is under way, its user is refused at once, and nobody else; then it may be used again', async () => {
  let [open, begin] = [() => {}, () => {}];
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const gate = new Promise<void>((resolve) => (open = resolve));
  const app = serve(async ({ body }, { userId }, key) => {
    begin();
    if ((body as { slow?: boolean }).slow) await gate;
    throw new Refusal('unavailable', `nothing for ${userId} ${key.hash.length}`);
  });
  const [one, two] = [await makeUser(db), await makeUser(db)];
  const first = send(app, one, 'key', { slow: true }).then((reply) => reply);
  await begun;

  expect((await send(app, one, 'key')).body.code).toBe('idempotency_in_flight');
  expect((await send(app, one, 'another')).body.code).toBe('unavailable');
  expect((await send(app, two, 'key')).body.code).toBe('unavailable');
  open();
  expect((await first).body.code).toBe('unavailable');
  expect((await send(app, one, 'key')).body.code).toBe('unavailable');
});

describe('an effect that another process has had meanwhile', () => {
  /** Fails with `code` after the same request has succeeded elsewhere. */
  const losing = (code: Refusal['code']) =>
    serve(async (_req, _user, key) => {
      await transact(db, (trx) => saveOutcomes(trx, [{ key, status: 201, body: { entryId: 7 } }]));
      throw new Refusal(code, 'lost');
    });

  /** Outcomes without an effect: the invariants would miss it. */
  afterEach(() => db.raw('DELETE FROM idempotency_key WHERE body LIKE ?', ['{"entryId":7}']));

  test('is replayed in place of a refusal that its own success has caused', async () => {
    const reply = await send(losing('seat_taken'), await makeUser(db), 'key');
    expect([reply.status, reply.headers['idempotency-replayed'], reply.body]).toEqual([201, 'true', { entryId: 7 }]);
    expect(reply.headers.location).toBe('/made/7');
  });

  test('is left to the next try after a refusal that asks for one', async () => {
    const [app, userId] = [losing('seat_contended'), await makeUser(db)];
    expect((await send(app, userId, 'key')).body.code).toBe('seat_contended');
    expect((await send(app, userId, 'key')).body).toEqual({ entryId: 7 });
  });

  test('is replayed where its key was taken; another request under that key is refused', async () => {
    const userId = await makeUser(db);
    const racing = (amount: number) =>
      serve(async (_req, _user, key) => {
        await charge(db, userId, amount, key);
        return { status: 201, body: await charge(db, userId, amount, key) };
      });
    const reply = await send(racing(5), userId, 'key');
    expect([reply.status, reply.headers['idempotency-replayed'], reply.body.amount]).toEqual([201, 'true', 5]);
  });
});

test('a refusal and a fault of an effect are answered as they are', async () => {
  const userId = await makeUser(db);
  const refused = serve(async () => Promise.reject(new Refusal('seat_taken', 'taken')));
  expect((await send(refused, userId, 'key')).body.code).toBe('seat_taken');
  const faulty = serve(async () => Promise.reject(new Error('a fault')));
  expect((await send(faulty, userId, 'key')).status).toBe(500);
});

test.each([
  [undefined, 'idempotency_key_required'],
  ['', 'idempotency_key_required'],
  ['two words', 'validation_failed'],
  ['x'.repeat(256), 'validation_failed'],
])('a key that is none: %j', async (key, code) => {
  const { app, seen } = charging();
  const { status, body } = await send(app, await makeUser(db), key, { amount: 5 });
  expect([status, body.code, seen.effects]).toEqual([400, code, 0]);
  if (code === 'validation_failed') expect(body.errors).toMatchObject([{ pointer: '/Idempotency-Key' }]);
});

test('a key of 255 characters, from the first visible one to the last', async () => {
  const { app } = charging();
  expect((await send(app, await makeUser(db), `!~${'x'.repeat(253)}`, { amount: 5 })).status).toBe(201);
});
