import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { createPaymentActivities } from '../../src/activities/payment';
import { createRush, type Rush } from '../../src/activities/rush';
import { until, useDatabase } from '../support/database';
import { hold, issueAll, makeBuyer, makeQueue, makeSale, makeUser, pay, statusOf } from '../support/fixtures';
import { useNamespace } from '../support/namespace';

const { db } = useDatabase();
const namespace = useNamespace();
const logger = pino({ level: 'silent' });

test('a closing hands the place on at once, and signals only when the rush is over', async () => {
  const queue = (await makeQueue(db, { maxActive: 1 })).name;
  const sale = await makeSale(db, { seats: 1, queue });
  const buyer = await makeBuyer(db, { balance: 1_000, queue });
  const held = await hold(db, buyer, sale, sale.seatIds);
  const [next] = (await issueAll(db, [{ userId: await makeUser(db), queue }])).issued;
  await pay(db, buyer, held.id);

  const signalled: string[] = [];
  const seen = async () => void signalled.push('signal');
  const client = {
    workflow: { getHandle: () => ({ signal: seen }), signalWithStart: seen },
  } as unknown as Client;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const { announcePayment } = createPaymentActivities(
    { db, client, logger },
    { paying: () => undefined, over: () => over },
  );
  const input = { ...buyer, reservationId: held.id, keyHash: '', fingerprint: '' };
  const closing = new MockActivityEnvironment().run(announcePayment, input, true);

  await until('the next one is inside', async () => (await statusOf(db, 'waiting_token', next!.id)) === 'ACTIVE');
  expect(signalled).toEqual([]);
  end();
  await closing;
  // Of the reservation, the token, and whoever got its place.
  expect(signalled).toHaveLength(3);
});

/** How long the closing of a payment rests on a busy machine, by the clock of its rush; `ageMs` since its payment. */
async function restsMs(ageMs: number, heard: (rush: Rush) => Rush = (rush) => rush): Promise<number> {
  const sale = await makeSale(db, { seats: 1 });
  const buyer = await makeBuyer(db, { balance: 1_000 });
  const held = await hold(db, buyer, sale, sale.seatIds);
  let nowMs = 0;
  const rest = async (ms: number) => void (nowMs += ms);
  const rush = createRush(
    () => 0,
    () => nowMs,
    rest,
  );
  const activities = createPaymentActivities({ db, client: namespace.client, logger }, heard(rush));
  const input = { ...buyer, reservationId: held.id, keyHash: '00'.repeat(32), fingerprint: '00'.repeat(32) };
  const environment = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - ageMs });
  expect(await environment.run(activities.settlePayment, input)).toMatchObject({ outcome: 'PAID' });
  await environment.run(activities.announcePayment, input, true);
  return nowMs;
}

test('a closing keeps quiet for as long as a payment that this process has decided may have others behind it', async () => {
  expect(await restsMs(0)).toBe(400);
});

test('control: it does not where nobody says that a payment is decided', async () => {
  expect(await restsMs(0, (rush) => ({ ...rush, paying: () => undefined }))).toBe(0);
});

test('a closing asked for more than a minute ago waits for no payment', async () => {
  expect(await restsMs(61_000)).toBe(0);
});
