import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newFan, newFans, newSale, type Fan, type Sale } from '../support/fan';
import type { Reply } from '../support/http';
import { startTestSystem, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf, printedSeed, randomFrom } from '../support/fixtures';
import { select } from '../../src/db/sql';

const FANS = 80;
const CAP = 12;
const SEATS = 30;
const PRICE = 99_000;
/** A turn lasts this long at the most: who vanishes does not keep the others waiting for minutes. */
const ACTIVE_SECONDS = 3;

let system: TestSystem;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('rush', { apis: 2, workers: 2, env: { HOLD_SECONDS: '5' } });
  const admin = await newFan(system, 'admin');
  sale = await newSale(admin, { maxActive: CAP, activeSeconds: ACTIVE_SECONDS, seats: SEATS });
});
afterAll(() => system.stop());

/** What a fan may be told on their way; anything else is a fault. */
const USUAL = new Set(['seat_taken', 'seat_contended', 'insufficient_balance', 'hold_expired', 'queue_token_ended']);

/** As a client is told to: after 503, the same request with the same key. */
async function payUntilDecided(here: () => Fan, reservationId: number): Promise<Reply> {
  const key = randomUUID();
  for (;;) {
    const reply = await here().pay(reservationId, key);
    if (!['unavailable', 'idempotency_in_flight'].includes(String(reply.problem?.code))) return reply;
  }
}

/** One fan: comes, perhaps loses patience, waits for the turn, and then buys, tries to, leaves or vanishes. */
async function live(fan: Fan, random: () => number): Promise<void> {
  const here = () => fan.at(system.apis[random() < 0.5 ? 0 : 1]!);
  const pick = () => sale.seatIds[Math.floor(random() * SEATS)] as number;
  const money = random() < 0.8 ? 4 * PRICE : 0;
  await sleep(random() * 1_500);
  if (money > 0) await here().charge(money);
  fan.queueToken = (await here().join(sale.queue)).body.token;
  const impatient = random() < 0.2;
  let { status } = (await here().poll()).body;
  for (let polls = 0; status === 'WAITING'; polls += 1) {
    if (impatient && polls > 3 * random()) return void (await here().leave());
    await sleep(100);
    status = (await here().poll()).body.status;
  }
  const mood = random();
  if (mood < 0.15) return;
  if (mood < 0.3) return void (await here().leave());
  const held = await here().hold(sale.scheduleId, [...new Set([pick(), pick()])]);
  if (held.problem) expect(USUAL).toContain(held.problem.code);
  else if (random() < 0.75) {
    const paid = await payUntilDecided(here, held.body.id);
    if (paid.problem) expect(USUAL).toContain(paid.problem.code);
  } else if (random() < 0.5) await here().cancel(held.body.id);
  if (random() < 0.7) await here().leave();
}

test(`${FANS} fans with different minds, two API and two worker processes: every invariant holds at every moment`, async () => {
  const random = randomFrom(printedSeed());
  const fans = await newFans(system, FANS);
  let over = false;
  const watch = async () => {
    for (; !over; await sleep(250)) {
      await expectInvariants(system.db);
      const inside = await countOf(system.db, 'waiting_token', `status = 'ACTIVE'`);
      expect(inside).toBeLessThanOrEqual(CAP);
    }
  };
  const watching = watch();
  try {
    await Promise.all(fans.map((fan) => live(fan, random)));
  } finally {
    over = true;
    await watching;
  }
  await expectInvariants(system.db);

  const admitted = await select<{ ticket: number; at: Date }>(
    system.db,
    'SELECT ticket_no AS ticket, activated_at AS at FROM waiting_token WHERE activated_at IS NOT NULL ORDER BY ticket_no',
  );
  expect(admitted.length).toBeGreaterThan(FANS / 2);
  // In turn: a later ticket was never let in before an earlier one.
  const times = admitted.map(({ at }) => at.getTime());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(await countOf(system.db, 'payment')).toBeGreaterThan(0);
});
