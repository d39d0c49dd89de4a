import { API } from '../../src/api/paths';
import { write } from '../../src/db/sql';
import type { Bench } from '../bench';
import type { Child } from '../child';
import type { QueuedFan } from '../fans';
import { holdRequests } from '../halls';
import { requestText } from '../load/request';
import type { Stream } from './plan';

/** What those inside do, together about as much as a full house of fifty does. */
export const INSIDE: readonly Stream[] = [
  { name: 'seat list', perSecond: 40 },
  { name: 'hold', perSecond: 5 },
  { name: 'payment', perSecond: 2 },
];
const LOOKERS = 50;
/** Two seats each. */
const SEATS_LISTED = 50;

/**
 * Fans inside `queue` and all they will ask for in that many seconds, each hold and each payment another one's. Returns how
 * many they are.
 */
export async function prepareInside(
  { fans, halls, db }: Bench,
  sender: Child,
  queue: string,
  seconds: number,
): Promise<number> {
  const load = (stream: string, requests: string[]) => sender.call<void>({ load: { stream, requests } });
  const count = (name: string) => Math.ceil(seconds * (INSIDE.find((stream) => stream.name === name)?.perSecond ?? 0));

  const listed = await halls.open('Overload, lists', queue, SEATS_LISTED);
  const lookers = await fans.inside(LOOKERS, queue);
  const path = `${API}/schedules/${listed.scheduleId}/seats`;
  await load(
    'seat list',
    lookers.map((fan) => requestText({ method: 'GET', path, ...fan })),
  );

  const held = await halls.open('Overload, holds', queue, 2 * count('hold'));
  await load('hold', holdRequests('overload', held, held.seatIds, await fans.inside(count('hold'), queue)));

  // Nothing of theirs is to end, so that their workflows would only have to be waited for.
  await write(db, 'UPDATE waiting_token SET workflow_started_at = NOW(3) WHERE workflow_started_at IS NULL', []);

  const paid = await halls.open('Overload, payments', queue, 2 * count('payment'));
  const payers = await fans.inside(count('payment'), queue);
  await fans.charge(payers);
  const holds = await halls.hold(paid, paid.seatIds, payers);
  const payment = (id: number, payer: QueuedFan) =>
    requestText({
      method: 'POST',
      path: `${API}/payments`,
      ...payer,
      idempotencyKey: `overload-${id}`,
      body: { reservationId: id },
    });
  await load(
    'payment',
    holds.map(({ id }, index) => payment(id, payers[index] as QueuedFan)),
  );
  return LOOKERS + count('hold') + count('payment');
}
