import { startBalancer, type Balancer } from '../support/balancer';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { eventually, startTestSystem, type ApiProcess, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf } from '../support/fixtures';

const PRICE = 99_000;
/** Five probes of the balancer. */
const DRAIN_SECONDS = '1';
const BUYERS = 4;
const LOOKERS = 4;
const RESTARTS_MAX = 5;

let system: TestSystem;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('rolling', { apis: 2, workers: 2, env: { DRAIN_SECONDS } });
  sale = await newSale(await newFan(system, 'admin'), { seats: 500 });
});
afterEach(() => expectInvariants(system.db));
afterAll(() => system.stop());

interface Load {
  served: number;
  paid: number;
  /** Whatever no client should have to see: no reply, or a 5xx. */
  failed: string[];
}

let nextSeat = 0;

/** Fans who look and fans who buy, until `over`. Every request goes where the balancer says and is made once. */
async function load({ next }: Balancer, buyers: number, lookers: Fan[], over: () => boolean): Promise<Load> {
  const seen: Load = { served: 0, paid: 0, failed: [] };
  const count = async <T extends { status: number; text: string }>(call: Promise<T>): Promise<T | undefined> => {
    try {
      const reply = await call;
      if (reply.status < 500) seen.served += 1;
      else seen.failed.push(reply.text);
      return reply;
    } catch (error) {
      seen.failed.push(String(error));
      return undefined;
    }
  };
  const buy = async (): Promise<void> => {
    while (!over()) {
      const fan = await newGuest(next(), sale, PRICE);
      const held = await count(fan.at(next()).hold(sale.scheduleId, [sale.seatIds[nextSeat++]!]));
      const paid = held?.body && (await count(fan.at(next()).pay(held.body.id)));
      if (paid?.status === 201) seen.paid += 1;
    }
  };
  const look = async (fan: Fan): Promise<void> => {
    while (!over()) await count(fan.at(next()).poll());
  };
  const all = [...Array.from({ length: buyers }, buy), ...lookers.map(look)];
  await Promise.all(all);
  return seen;
}

/** Runs `work` under load; nothing is asserted while it runs. */
async function underLoad(apis: ApiProcess[], buyers: number, work: (balancer: Balancer) => Promise<void>) {
  const balancer = await startBalancer(apis.map(({ url }) => url));
  let over = false;
  const lookers = await Promise.all(Array.from({ length: LOOKERS }, () => newGuest(balancer.next(), sale)));
  const loading = load(balancer, buyers, lookers, () => over);
  loading.catch(() => undefined); // told below
  try {
    await work(balancer);
  } finally {
    over = true;
    await loading.catch(() => undefined);
    await balancer.stop();
  }
  return loading;
}

async function restart(api: ApiProcess, balancer: Balancer): Promise<void> {
  await api.restart();
  await eventually('the balancer uses it again', async () => balancer.isReady(api.url), Boolean);
}

test('one process after the other, of both kinds, is replaced under load without a failed request', async () => {
  const { served, paid, failed } = await underLoad(system.apis, BUYERS, async (balancer) => {
    for (const [index, api] of system.apis.entries()) {
      await Promise.all([restart(api, balancer), system.workers[index]!.restart()]);
    }
  });
  expect(failed).toEqual([]);
  expect(served).toBeGreaterThan(100);
  expect(paid).toBeGreaterThan(5);
  expect(await countOf(system.db, 'payment')).toBe(paid);
});

test('control: a process that stops listening as soon as it is told makes requests fail', async () => {
  const apis = [await system.addApi({ DRAIN_SECONDS: '0' }), await system.addApi({ DRAIN_SECONDS: '0' })];
  const failed: string[] = [];
  // A restart may by chance fall between two requests; not every one does.
  for (let tries = 0; tries < RESTARTS_MAX && failed.length === 0; tries += 1) {
    failed.push(...(await underLoad(apis, 0, (balancer) => restart(apis[tries % 2]!, balancer))).failed);
  }
  expect(failed.length).toBeGreaterThan(0);
});
