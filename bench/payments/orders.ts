import { API } from '../../src/api/paths';
import type { Bench } from '../bench';
import { requestText } from '../load/request';

/** Orders that lack nothing but their payment. */
export interface Orders {
  count: number;
  /** Visibility query for the workflows of these orders, in any state; others may be among them. */
  closedQuery: string;
  /** Pays all of them, so many at a time, and gives the latencies in ms. */
  pay(connections: number, pauseMs: number): Promise<number[]>;
}

const QUEUE = 'bench-pay';
/** More than two seats cost. */
const BALANCE = 1_000_000;

/** Orders of the system: distinct users with money, each inside the queue with two seats held. */
export async function prepareOrders({ fans, halls, load, api }: Bench, count: number): Promise<Orders> {
  const hall = await halls.open('Payments', QUEUE, 2 * count);
  const buyers = await fans.inside(count, QUEUE);
  await fans.charge(buyers, BALANCE);
  const holds = await halls.hold(hall, hall.seatIds, buyers);
  const requests = holds.map(({ id }, index) => {
    const fields = { ...buyers[index], idempotencyKey: `payment-${id}`, body: { reservationId: id } };
    return requestText({ method: 'POST', path: `${API}/payments`, ...fields });
  });
  const pool = `payments of ${hall.scheduleId}`;
  await load.load(pool, requests);
  return {
    count,
    closedQuery: `(ScheduleId = ${hall.scheduleId} OR QueueName = '${QUEUE}')`,
    pay: async (connections, pauseMs) => {
      const once = { warmUpMs: 0, measureMs: null, cycle: false, capture: false };
      const { latenciesMs } = await load.run({ target: api, pool, connections, expected: [201], ...once, pauseMs });
      return [...latenciesMs];
    },
  };
}
