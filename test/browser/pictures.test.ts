import { SWEEP_WORKFLOW_ID } from '../../src/workflows/ids';
import { newFan, newFans, type Fan } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { enter, picture, useBrowser } from './browser';

const QUEUE = 'main';
const INSIDE = 10;
const BUYERS = 20;
const WAITING = 14;
const BALANCE = 2_000_000;
const TEST_MS = 180_000;

const newPage = useBrowser({ locale: 'en-GB' });
let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  const env = { TEMPORAL_UI_URL: 'http://temporal.example' };
  system = await startTestSystem('pictures', { env });
  admin = await newFan(system, 'admin');
  await admin.setQueue(QUEUE, { maxActive: INSIDE });
});
afterAll(async () => {
  await system?.stop();
});

/** In the order in which they come: each waits for a place, holds three seats and pays; the last ones only hold. */
async function sell(scheduleId: number, fans: Fan[]): Promise<void> {
  for (const fan of fans) {
    await fan.charge(BALANCE);
    await fan.join(QUEUE);
  }
  for (const [index, fan] of fans.entries()) {
    const status = async () => (await fan.poll()).body.status;
    await eventually('its turn has come', status, (now) => now === 'ACTIVE');
    const free = (await fan.seats(scheduleId)).body.seats.filter((seat) => seat.available);
    const from = (index * 67) % (free.length - 3);
    const { status: answer, body: held } = await fan.hold(
      scheduleId,
      free.slice(from, from + 3).map(({ id }) => id),
    );
    expect(answer).toBe(201);
    if (index < BUYERS) expect((await fan.pay(held.id)).status).toBe(201);
  }
}

test(
  'in a sale that goes on, one fan buys, another one waits, and the operator sees all of them',
  async () => {
    const page = await newPage();
    await enter(page, system.url);
    await page.getByRole('link', { name: /Sea Symphonies/ }).click();
    await page
      .getByRole('link', { name: /Choose seats/ })
      .first()
      .click();
    await page.locator('.map svg path.seats').first().waitFor();
    const { pathname } = new URL(page.url());
    const scheduleId = Number(/schedules\/(\d+)/.exec(pathname)?.[1]);
    await sell(scheduleId, await newFans(system, BUYERS + INSIDE - 1));

    await page.getByRole('button', { name: 'Suggest' }).click();
    await page.getByRole('button', { name: 'Book 2 seats' }).waitFor();
    await picture(page, 'seats');
    await page.getByRole('button', { name: 'Book 2 seats' }).click();
    const booking = page.locator('.booking[data-status=HELD]');
    await booking.getByRole('button', { name: /^Add/ }).first().click();
    await page.locator('.charge').waitFor({ state: 'detached' });
    await picture(page, 'payment');

    for (const fan of await newFans(system, WAITING)) expect((await fan.join(QUEUE)).body.status).toBe('WAITING');
    const waiting = await newPage();
    await enter(waiting, system.url, `${pathname}?queue=${QUEUE}`);
    await waiting.getByText(`No. ${WAITING + 1}`).waitFor();
    await waiting.getByText(/^Estimated wait: (less than )?\d/).waitFor();
    await picture(waiting, 'waiting');

    const ops = await newPage();
    await ops.goto(`${system.url}/ops`);
    await ops.getByRole('button', { name: 'Start as administrator' }).click();
    const queue = ops.locator(`[data-queue="${QUEUE}"]`);
    await queue.getByText(`${INSIDE} of ${INSIDE}`).waitFor();
    await system.client.schedule.getHandle(SWEEP_WORKFLOW_ID).trigger();
    await ops.getByText(/^All \d+ invariants hold/).waitFor();
    await picture(ops, 'ops');

    await booking.getByRole('button', { name: /^Pay/ }).click();
    await page.locator('.booking[data-status=PAID] .ticket').waitFor();
    await picture(page, 'ticket');
    await waiting.getByText(`No. ${WAITING}`).waitFor();
  },
  TEST_MS,
);
