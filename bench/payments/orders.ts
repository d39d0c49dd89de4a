import { randomBytes } from 'node:crypto';
import { API } from '../../src/api/paths';
import { createQueueTokens } from '../../src/api/queue-token';
import type { ReservationView } from '../../src/contracts/reservation';
import { selectOne } from '../../src/db/sql';
import type { Bench } from '../bench';
import type { QueuedFan } from '../fans';
import type { PlainPayment } from '../floor/http';
import type { Target } from '../load/plan';
import { requestText } from '../load/request';

/** Orders that lack nothing but their payment. */
export interface Orders {
  count: number;
  /** Visibility query for the workflows of these orders, in any state; others may be among them. */
  closedQuery: string;
  /** Pays all of them, so many at a time, and gives the latencies in ms. */
  pay(connections: number, pauseMs: number): Promise<number[]>;
}

/** Holds of one date with their owners. */
export interface Holds {
  scheduleId: number;
  buyers: QueuedFan[];
  holds: ReservationView[];
}

const QUEUE = 'bench-pay';
const HASH_BYTES = 32;

/** Orders of the system: distinct users with money, each inside the queue with two seats held. */
export async function prepareOrders(bench: Bench, count: number): Promise<Orders> {
  return ordersOf(bench, await prepareHolds(bench, count));
}

/** Orders of these holds, each by the buyer in the same place. */
export async function ordersOf(bench: Bench, { scheduleId, buyers, holds }: Holds): Promise<Orders> {
  const requests = holds.map(({ id }, index) => {
    const fields = { ...buyers[index], idempotencyKey: `payment-${id}`, body: { reservationId: id } };
    return requestText({ method: 'POST', path: `${API}/payments`, ...fields });
  });
  return orders(bench, bench.api, scheduleId, requests);
}

/** The same, to be paid by the transaction alone: no workflow hears of it. */
export async function preparePlainOrders(bench: Bench, count: number): Promise<Orders> {
  const { scheduleId, buyers, holds } = await prepareHolds(bench, count);
  const queue = await selectOne<{ id: number }>(bench.db, 'SELECT id FROM queue WHERE name = ?', [QUEUE]);
  const hex = () => randomBytes(HASH_BYTES).toString('hex');
  const queueTokens = createQueueTokens(bench.system.tokenSecret);
  const requests = holds.map(({ id: reservationId }, index) => {
    const { userId, queueToken } = buyers[index] as QueuedFan;
    const tokenId = queueTokens.verify(queueToken) as number;
    const of = { reservationId, userId, tokenId, queueId: queue?.id as number };
    const body: PlainPayment = { ...of, hash: hex(), fingerprint: hex() };
    return requestText({ method: 'POST', path: '/payments', body });
  });
  return orders(bench, bench.floor, scheduleId, requests);
}

async function prepareHolds({ fans, halls }: Bench, count: number): Promise<Holds> {
  const hall = await halls.open('Payments', QUEUE, 2 * count);
  const buyers = await fans.inside(count, QUEUE);
  await fans.charge(buyers);
  const holds = await halls.hold(hall, hall.seatIds, buyers);
  return { scheduleId: hall.scheduleId, buyers, holds };
}

async function orders({ load }: Bench, target: Target, scheduleId: number, requests: string[]): Promise<Orders> {
  const pool = `payments of ${scheduleId}`;
  await load.load(pool, requests);
  return {
    count: requests.length,
    closedQuery: `(ScheduleId = ${scheduleId} OR QueueName = '${QUEUE}')`,
    pay: async (connections, pauseMs) => {
      const once = { warmUpMs: 0, measureMs: null, cycle: false, capture: false };
      const { latenciesMs } = await load.run({ target, pool, connections, expected: [201], ...once, pauseMs });
      return [...latenciesMs];
    },
  };
}
