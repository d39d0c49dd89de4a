import { operationsFor } from '../../src/api/operations/all';
import { selectOne } from '../../src/db/sql';
import { newFan, newGuest, newSale, type CallOptions, type Fan, type Sale } from '../support/fan';
import { makeHoldOverdue, pay } from '../support/fixtures';
import { openStream } from '../support/stream';
import { startTestSystem, type TestSystem } from '../support/system';
import { businessState } from './business-state';

let system: TestSystem;
let admin: Fan;
let fan: Fan;
let sale: Sale;
let reservationId: number;
let paymentId: number;

/** Something that reads could be tempted to settle: a hold that is over, somebody next in line. Nobody else works here. */
beforeAll(async () => {
  system = await startTestSystem('reads', { workers: 0 });
  admin = await newFan(system, 'admin');
  sale = await newSale(admin);
  fan = await newGuest(system, sale, 1_000_000);
  const [bought, forgotten] = [
    await fan.hold(sale.scheduleId, [sale.seatIds[0]!]),
    await fan.hold(sale.scheduleId, [sale.seatIds[1]!]),
  ];
  reservationId = bought.body.id;
  const tokenId = Number.parseInt(String(fan.queueToken), 10);
  const { queue } = sale;
  const queueId = (await selectOne<{ id: number }>(system.db, 'SELECT id FROM queue WHERE name = ?', [queue]))!.id;
  paymentId = (await pay(system.db, { userId: fan.userId, tokenId, queueId }, reservationId)).payment.id;
  await makeHoldOverdue(system.db, forgotten.body.id);
  await admin.setQueue(queue, { maxActive: 1, paused: true });
  await (await newFan(system)).join(queue);
});
afterAll(() => system.stop());

/** How each GET is called; those that are not here take nothing. */
const options = (): Record<string, CallOptions> => ({
  getConcert: { id: sale.concertId },
  listSchedules: { id: sale.concertId },
  listSeats: { id: sale.scheduleId },
  getPlan: { id: sale.scheduleId },
  getReservation: { id: reservationId },
  getReservationTimeline: { id: reservationId },
  getPayment: { id: paymentId },
  listAllSchedules: { id: sale.concertId },
  exportPlan: { id: sale.scheduleId },
  getSales: { id: sale.scheduleId },
  findBookings: { query: { user: fan.userId } },
});
const READS = operationsFor('dev').filter(({ method }) => method === 'get');
const isStream = (id: string) => id.startsWith('follow');

test('no GET changes anything (I13)', async () => {
  const before = await businessState(system.db);
  for (const { operationId, access } of READS) {
    const who = access === 'admin' ? admin : fan;
    if (isStream(operationId)) {
      const stream = await openStream(who, operationId, { id: sale.scheduleId });
      await stream.next(() => true);
      stream.close();
    } else {
      const { status } = await who.call(operationId, options()[operationId] ?? {});
      expect([operationId, status]).toEqual([operationId, operationId === 'getReadiness' ? expect.any(Number) : 200]);
    }
  }
  expect(await businessState(system.db)).toEqual(before);
});

test('control: the smallest write is seen', async () => {
  const before = await businessState(system.db);
  await fan.charge(1);
  expect(await businessState(system.db)).not.toEqual(before);
});
