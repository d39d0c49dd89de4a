import { newFan, newGuest, newGuests, newSale, type Fan, type Sale } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf, rowOf, statusOf } from '../support/fixtures';
import type { ReadinessView } from '../../src/contracts/health';
import type { ReservationView } from '../../src/contracts/reservation';
import { leaveQueue } from '../../src/db/queue';
import { queueTokenWorkflowId } from '../../src/workflows/ids';

const HOLD_SECONDS = 3;
const PRICE = 99_000;
const DEADLINE_SLACK_MS = 1_000;
/** A killed worker's workflows move on after the sticky time-out (10 s); the rest is for a busy machine. */
const MOVED_ON_MS = 30_000;
/** The dispatcher takes a start as lost after 2 s and looks twice a second. */
const DISPATCHED_MS = 10_000;

let system: TestSystem;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('faults', { env: { HOLD_SECONDS: String(HOLD_SECONDS) } });
  sale = await newSale(await newFan(system, 'admin'), { seats: 60 });
});
afterEach(() => expectInvariants(system.db));
afterAll(() => system.stop());

let nextSeat = 0;
const seat = () => sale.seatIds[nextSeat++] as number;
const workflow = (id: number) => system.client.workflow.getHandle(`reservation-${id}`);
const workflowStatus = (id: number) =>
  workflow(id)
    .describe()
    .then(
      ({ status }) => status.name,
      () => 'NOT THERE',
    );

test('with its worker killed in the middle, a hold still ends in time by the clock; its workflow follows later', async () => {
  const [fan, next] = [await newGuest(system, sale), await newGuest(system, sale)];
  const { body: held } = await fan.hold(sale.scheduleId, [seat()]);
  const [ticket] = held.tickets;
  const history = () =>
    workflow(held.id)
      .fetchHistory()
      .catch(() => undefined);
  await eventually('its timer runs', history, (read) =>
    Boolean(read?.events?.some((event) => event.timerStartedEventAttributes)),
  );
  const [worker] = system.workers;
  worker!.kill('SIGKILL');
  await worker!.exited;

  expect((await next.hold(sale.scheduleId, [ticket!.seatId])).problem?.code).toBe('seat_taken');
  const expired = ({ body }: { body: ReservationView }) => body.status === 'EXPIRED';
  await eventually(
    'it reads EXPIRED',
    () => fan.reservation(held.id),
    expired,
    HOLD_SECONDS * 1_000 + DEADLINE_SLACK_MS,
  );
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(held.expiresAt) - DEADLINE_SLACK_MS);
  // Nobody has written that down, and nobody needs to: the seat can be sold at once.
  expect(await statusOf(system.db, 'reservation', held.id)).toBe('HELD');
  const { body: taken } = await next.hold(sale.scheduleId, [ticket!.seatId]);
  expect(taken.status).toBe('HELD');

  await worker!.restart();
  await eventually(
    'its workflow is done',
    () => workflowStatus(held.id),
    (status) => status === 'COMPLETED',
    MOVED_ON_MS,
  );
  expect(await workflow(held.id).result()).toBe('EXPIRED');
  expect(await statusOf(system.db, 'reservation', held.id)).toBe('EXPIRED');
});

test('a payment that its killed worker left undecided is decided by the next one, once', async () => {
  const slow = await system.addApi({ HOLD_SECONDS: '60' });
  const fan = (await newGuest(system, sale, PRICE)).at(slow);
  const { body: held } = await fan.hold(sale.scheduleId, [seat()]);
  const [worker] = system.workers;
  const trx = await system.db.transaction();
  // The payment stands before the fan's money; then its worker is gone.
  await trx.raw('SELECT user_id FROM asset WHERE user_id = ? FOR UPDATE', [fan.userId]);
  const first = fan.pay(held.id, 'pay');
  await eventually(
    'it waits for the lock',
    () =>
      countOf(
        system.db,
        'information_schema.processlist',
        `db = DATABASE() AND info LIKE 'SELECT%FROM asset%FOR UPDATE%'`,
      ),
    (waiting) => waiting > 0,
  );
  worker!.kill('SIGKILL');
  await worker!.exited;
  await trx.rollback();
  await worker!.restart();

  const answers = [await first];
  while (answers.at(-1)!.status !== 201) answers.push(await fan.pay(held.id, 'pay'));
  expect(answers.slice(0, -1).map(({ problem }) => problem?.code)).toEqual(
    answers.slice(0, -1).map(() => 'unavailable'),
  );
  expect(answers.at(-1)!.body).toMatchObject({ price: PRICE, balance: 0 });
  expect(await countOf(system.db, 'payment', 'reservation_id = ?', [held.id])).toBe(1);
});

test('without Temporal an API starts and serves; what it could not start, the dispatcher does', async () => {
  const cutOff = await system.addApi({ TEMPORAL_ADDRESS: '127.0.0.1:1', HOLD_SECONDS: '60' });
  const fan = (await newGuest(cutOff, sale, PRICE)).at(cutOff);
  const { body: held } = await fan.hold(sale.scheduleId, [seat()]);
  expect(held.status).toBe('HELD');
  expect((await fan.seats(sale.scheduleId)).status).toBe(200);
  const readiness = () => fan.call<ReadinessView>('getReadiness');
  const ready = await eventually('Temporal is missed', readiness, ({ body }) => body.checks.temporal === 'down');
  expect([ready.status, ready.body]).toMatchObject([200, { status: 'ready', checks: { database: 'up' } }]);
  const unpaid = await fan.pay(held.id, 'pay');
  expect(unpaid.problem).toMatchObject({ code: 'unavailable', retryable: true });

  // Killed after the commit, before it could have told anybody.
  cutOff.kill('SIGKILL');
  await cutOff.exited;
  await eventually(
    'it has a workflow',
    () => workflowStatus(held.id),
    (status) => status === 'RUNNING',
    DISPATCHED_MS,
  );
  await eventually(
    'that is noted',
    () => rowOf<{ workflow_started_at: Date | null }>(system.db, 'reservation', held.id),
    (row) => row.workflow_started_at !== null,
  );
  expect((await fan.at(system).pay(held.id, 'pay')).status).toBe(201);
});

test('a workflow hears of its row though whoever changed it died before telling', async () => {
  const { queue, ...small } = await newSale(await newFan(system, 'admin'), { seats: 1, maxActive: 1 });
  const [inside, next] = [await newFan(system), await newFan(system)];
  await inside.join(queue);
  await next.join(queue);
  const slow = await system.addApi({ HOLD_SECONDS: '60' });
  const { body: held } = await inside.at(slow).hold(small.scheduleId, small.seatIds);
  const [insideId, nextId] = [inside, next].map(({ queueToken }) => Number.parseInt(queueToken!, 10)) as [
    number,
    number,
  ];
  const token = (id: number) => system.client.workflow.getHandle(queueTokenWorkflowId(id));
  await eventually(
    'their workflows run',
    () =>
      token(nextId)
        .describe()
        .catch(() => undefined),
    Boolean,
  );
  await eventually(
    'the hold has one',
    () => workflowStatus(held.id),
    (status) => status === 'RUNNING',
  );

  // Both decided here, and nobody told: the next one is let in, the hold cancelled with its token.
  const { admitted, cancelledReservationIds } = await leaveQueue(system.db, insideId);
  expect([admitted.map(({ id }) => id), cancelledReservationIds]).toEqual([[nextId], [held.id]]);

  await eventually(
    'the hold’s has ended',
    () => workflowStatus(held.id),
    (status) => status === 'COMPLETED',
    DISPATCHED_MS,
  );
  expect(await token(insideId).result()).toBe('LEFT');
  await eventually(
    'the next one knows of its turn',
    () => token(nextId).fetchHistory(),
    ({ events }) => Boolean(events?.some(({ workflowExecutionSignaledEventAttributes: signal }) => signal)),
    DISPATCHED_MS,
  );
});

test('an API killed amid many holds has lost none that it answered, and repeating them makes none twice', async () => {
  const api = await system.addApi({ HOLD_SECONDS: '60' });
  const fans = await newGuests(system, sale, 30);
  const wishes = fans.map(() => [seat()]);
  const ask = (url: { url: string }) =>
    fans.map((fan, index) => fan.at(url).hold(sale.scheduleId, wishes[index]!, 'once'));
  const first = ask(api);
  await Promise.race(first);
  api.kill('SIGKILL');
  const outcomes = await Promise.allSettled(first);
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);

  await api.restart();
  const second = await Promise.all(ask(api));
  expect(second.map(({ status }) => status)).toEqual(fans.map(() => 201));
  outcomes.forEach((outcome, index) => {
    if (outcome.status !== 'fulfilled') return;
    expect(second[index]!.body).toEqual(outcome.value.body);
    expect(second[index]!.headers['idempotency-replayed']).toBe('true');
  });
  for (const [index, fan] of fans.entries()) {
    expect(await countOf(system.db, 'reservation', 'user_id = ?', [fan.userId])).toBe(1);
    expect(second[index]!.body.tickets.map(({ seatId }) => seatId)).toEqual(wishes[index]);
  }
});

test('a session, a queue token and a balance survive the restart of every process', async () => {
  const fan: Fan = await newGuest(system, sale, 12_345);
  for (const member of [...system.apis, ...system.workers]) await member.restart();
  expect((await fan.poll()).body.status).toBe('ACTIVE');
  expect((await fan.asset()).body.balance).toBe(12_345);
  expect((await fan.join(sale.queue)).status).toBe(200);
});
