import path from 'node:path';
import pino from 'pino';
import { findReservation } from '../../src/db/reservation';
import { payReservation } from '../../src/temporal/pay';
import { createWorkers } from '../../src/worker/worker';
import { paymentWorkflowId } from '../../src/workflows/ids';
import { until, useDatabase } from '../support/database';
import { hold, key, makeBuyers, makeQueue, makeSale, type Buyer } from '../support/fixtures';
import { useNamespace } from '../support/namespace';
import { quietRuntime } from '../support/temporal';

const { db } = useDatabase();
const { client, config } = useNamespace();

const CLOSINGS_AT_ONCE = 4;
/** As the server numbers the states of an activity that is not done. */
const STARTED = 2;

beforeAll(quietRuntime);

/** Runs a worker as it is deployed, for payments, while `work` runs. */
async function withPayments(work: () => Promise<void>): Promise<void> {
  const workers = await createWorkers({
    config: { temporal: config, workerTaskQueues: ['frontrow-payment'] },
    db,
    client,
    logger: pino({ enabled: false }),
    activityInterceptors: [],
    workflowSinks: { workflowTrace: { ended: { fn: () => undefined } } },
    bundlePath: path.join(__dirname, '../../dist/workflow-bundle.js'),
  });
  const running = workers.run();
  try {
    await work();
  } finally {
    workers.shutdown();
    await running;
  }
}

async function payAs(buyer: Buyer, reservationId: number) {
  const { hash, fingerprint } = key(buyer.userId);
  const keys = { keyHash: hash.toString('hex'), fingerprint: fingerprint.toString('hex') };
  const view = await findReservation(db, buyer.userId, reservationId);
  if (!view) throw new Error('the hold is not there');
  return payReservation(client, { ...buyer, ...keys, reservationId, lastEntryId: 0 }, view);
}

/** The states of the closings that are not done. */
async function closingsOf(reservationIds: readonly number[]) {
  const handles = reservationIds.map((id) => client.workflow.getHandle(paymentWorkflowId(id)));
  const described = await Promise.all(handles.map((handle) => handle.describe()));
  return described.flatMap(({ raw }) => raw.pendingActivities ?? []).map(({ state }) => state);
}

test(`a worker has ${CLOSINGS_AT_ONCE} closings at once, which keep no payment from being decided; the others wait in Temporal`, async () => {
  const { id: queueId, name: queue } = await makeQueue(db);
  const sale = await makeSale(db, { seats: 8, queue });
  const buyers = await makeBuyers(db, 8, { queue, balance: 1_000 });
  const ids: number[] = [];
  for (const [index, buyer] of buyers.entries()) ids.push((await hold(db, buyer, sale, [sale.seatIds[index]!])).id);
  const payThese = (from: number, to: number) =>
    Promise.all(ids.slice(from, to).map((id, index) => payAs(buyers[from + index]!, id)));
  const started = async (count: number) => (await closingsOf(ids.slice(0, count))).filter((state) => state === STARTED);

  await withPayments(async () => {
    const trx = await db.transaction();
    try {
      // A closing hands the place on, which has to wait for this.
      await trx.raw('SELECT id FROM queue WHERE id = ? FOR UPDATE', [queueId]);
      const first = await payThese(0, 6);
      await until('closings take their places', async () => (await started(6)).length >= CLOSINGS_AT_ONCE);
      const later = await payThese(6, 8);
      expect([...first, ...later]).toEqual(ids.map(() => expect.objectContaining({ outcome: 'PAID' })));
      await until('all are to be closed', async () => (await closingsOf(ids)).length === ids.length);
      expect(await started(8)).toHaveLength(CLOSINGS_AT_ONCE);
    } finally {
      await trx.rollback();
    }
    await Promise.all(ids.map((id) => client.workflow.getHandle(paymentWorkflowId(id)).result()));
  });
});
