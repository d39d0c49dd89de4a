import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { createPaymentActivities } from '../../src/activities/payment';
import { until, useDatabase } from '../support/database';
import { hold, issueAll, makeBuyer, makeQueue, makeSale, makeUser, pay, statusOf } from '../support/fixtures';

const { db } = useDatabase();

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
    { db, client, logger: pino({ level: 'silent' }) },
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
