import type { Client } from '@temporalio/client';
import { payOrFind } from '../../src/api/pay-or-find';
import { findReservation } from '../../src/db/reservation';
import type { PayRequest } from '../../src/temporal/pay';
import { useDatabase } from '../support/database';
import { hold, key, makeBuyer, makeSale, pay } from '../support/fixtures';

const { db } = useDatabase();

/** The fault itself: a Temporal that takes the call and never answers it. */
const MUTE = {
  workflow: { executeUpdateWithStart: () => new Promise(() => undefined) },
} as unknown as Client;

async function makePayable() {
  const sale = await makeSale(db);
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const held = await hold(db, buyer, sale, sale.seatIds.slice(0, 1));
  const withKey = key(buyer.userId);
  const request: PayRequest = {
    reservationId: held.id,
    userId: buyer.userId,
    tokenId: buyer.tokenId,
    queueId: buyer.queueId,
    lastEntryId: 0,
    keyHash: withKey.hash.toString('hex'),
    fingerprint: withKey.fingerprint.toString('hex'),
  };
  const view = await findReservation(db, buyer.userId, held.id);
  if (!view) throw new Error('the hold is not there');
  return { buyer, held, withKey, request, view };
}

test('a payment whose answer was lost is found in its row, as the first of its key', async () => {
  const { buyer, held, withKey, request, view } = await makePayable();
  const answer = payOrFind(db, MUTE, (work) => work(), request, view);
  const { payment } = await pay(db, buyer, held.id, withKey);
  expect(await answer).toEqual({ outcome: 'PAID', paymentId: payment.id, first: true });
});

test('a payment made under another key meanwhile is found, but is not the first of this one', async () => {
  const { buyer, held, request, view } = await makePayable();
  const answer = payOrFind(db, MUTE, (work) => work(), request, view);
  const { payment } = await pay(db, buyer, held.id, key(buyer.userId));
  expect(await answer).toEqual({ outcome: 'PAID', paymentId: payment.id, first: false });
});
