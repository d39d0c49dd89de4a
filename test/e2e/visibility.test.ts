import { eventually, outcomeOf, startTestSystem, type TestSystem } from '../support/system';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';

let system: TestSystem;
let sale: Sale;
let fan: Fan;
let reservationId: number;

beforeAll(async () => {
  system = await startTestSystem('visibility');
  sale = await newSale(await newFan(system, 'admin'));
  fan = await newGuest(system, sale, 297_000);
  const { body: held } = await fan.hold(sale.scheduleId, sale.seatIds.slice(0, 3));
  await fan.pay(held.id);
  reservationId = held.id;
});
afterAll(() => system.stop());

/** The ids of the workflows that an operator finds with a query in the Web UI. */
async function search(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of system.client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

const describeWorkflow = (id: string) => system.client.workflow.getHandle(id).describe();
const tokenWorkflow = () => `queue-token-${fan.queueToken?.split('.')[0]}`;

test.each([
  [
    'who',
    () => `UserId = ${fan.userId}`,
    () => [`payment-${reservationId}`, tokenWorkflow(), `reservation-${reservationId}`],
  ],
  ['the queue', () => `QueueName = "${sale.queue}" AND UserId = ${fan.userId}`, () => [tokenWorkflow()]],
  [
    'the date',
    () => `ScheduleId = ${sale.scheduleId}`,
    () => [`payment-${reservationId}`, `reservation-${reservationId}`],
  ],
  ['what became of a hold', () => 'ReservationStatus = "PAID"', () => [`reservation-${reservationId}`]],
  ['what became of a payment', () => 'PaymentOutcome = "PAID"', () => [`payment-${reservationId}`]],
])('an operator finds a booking by %s', async (_by, query, expected) => {
  await eventually(
    query(),
    () => search(query()),
    (found) => found.join() === expected().join(),
  );
});

test('a reservation and its payment are listed with their seats and their price', async () => {
  for (const id of [`reservation-${reservationId}`, `payment-${reservationId}`]) {
    expect(await (await describeWorkflow(id)).staticSummary()).toBe('3 seats, A-1 A-2 A-3, 297,000 KRW');
  }
});

test('a queue token is listed with its ticket and its queue', async () => {
  expect(await (await describeWorkflow(tokenWorkflow())).staticSummary()).toMatch(
    new RegExp(`^Ticket \\d+ of queue ${sale.queue}$`),
  );
});

test('after a payment all three workflows are completed, and say how they ended', async () => {
  const results = await Promise.all(
    [`reservation-${reservationId}`, tokenWorkflow(), `payment-${reservationId}`].map((id) => outcomeOf(system, id)),
  );
  expect(results).toMatchObject(['PAID', 'USED', { outcome: 'PAID' }]);
});

test('a refused payment is a completed workflow that says why, not a failed one', async () => {
  const poor = await newGuest(system, sale);
  const { body: held } = await poor.hold(sale.scheduleId, [sale.seatIds[5]!]);
  expect((await poor.pay(held.id)).problem?.code).toBe('insufficient_balance');
  const handle = system.client.workflow.getHandle(`payment-${held.id}`);
  expect(await handle.result()).toMatchObject({ outcome: 'REFUSED', code: 'insufficient_balance' });
  expect((await handle.describe()).status.name).toBe('COMPLETED');
  await eventually(
    'it is found by its outcome',
    () => search('PaymentOutcome = "insufficient_balance"'),
    (found) => found.join() === `payment-${held.id}`,
  );
});

test('the details of a live token say until when it is active', async () => {
  const guest = await newGuest(system, sale);
  const id = `queue-token-${guest.queueToken?.split('.')[0]}`;
  const { expiresAt } = (await guest.poll()).body;
  const details = () =>
    system.client.workflow
      .getHandle(id)
      .query<{ currentDetails: string }>('__temporal_workflow_metadata')
      .then(
        ({ currentDetails }) => currentDetails,
        () => undefined,
      );
  await eventually('the details are there', details, (text) => text === `Active until ${expiresAt}`);
});
