import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { newFan, newGuest, newSale, rowPlan, type Fan, type Sale } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { overflow, PHONE, picture, seriousFindings, useBrowser } from './browser';

const PRICE = 99_000;
/** An operator sees within a second what they did; the rest is for a busy machine to draw it. */
const SEEN_WITHIN_MS = 10_000;

const newPage = useBrowser({ locale: 'en-GB' });
let system: TestSystem;
let admin: Fan;
let sale: Sale;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'frontrow-ops-'));
  const env = { TEMPORAL_UI_URL: 'http://temporal.example' };
  system = await startTestSystem('ops', { env });
  admin = await newFan(system, 'admin');
  sale = await newSale(admin, { seats: 20 });
});
afterAll(async () => {
  await system?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** An operator who has just signed in, by one click, on a device of their own. */
async function newOperator(options?: Parameters<typeof newPage>[0]): Promise<Page> {
  const page = await newPage(options);
  await page.goto(`${system.url}/ops`);
  await page.locator('main .primary').click();
  await page.locator('[data-queue]').first().waitFor();
  return page;
}

const queueCard = (page: Page) => page.locator(`[data-queue="${sale.queue}"]`);
/** The number beside these words. */
const figure = async (page: Page, card: string, name: string): Promise<string> =>
  (await page.locator(card).locator('.figure', { hasText: name }).locator('dd').innerText()).trim();

test('an operator pauses a queue and lets it go on, changes its cap, and sees the effect at once', async () => {
  const page = await newOperator();
  const card = queueCard(page);
  const waiting = () => figure(page, `[data-queue="${sale.queue}"]`, 'Waiting');
  const pause = card.getByRole('button', { name: 'Pause' });
  await pause.click();
  await card.getByRole('button', { name: 'Resume' }).waitFor({ timeout: SEEN_WITHIN_MS });

  const fans = [await newFan(system), await newFan(system)] as const;
  for (const fan of fans) expect((await fan.join(sale.queue)).body.status).toBe('WAITING');
  await eventually('both are seen waiting', waiting, (text) => text === '2', SEEN_WITHIN_MS);

  await card.locator('.settings > summary').click();
  await card.getByLabel('Cap (people inside)').fill('1');
  await card.getByRole('button', { name: 'Save' }).click();
  await eventually(
    'the cap is shown',
    () => card.innerText(),
    (text) => /0 of 1/.test(text),
    SEEN_WITHIN_MS,
  );
  await card.getByRole('button', { name: 'Resume' }).click();
  await eventually(
    'one is inside',
    () => card.innerText(),
    (text) => /1 of 1/.test(text),
    SEEN_WITHIN_MS,
  );
  expect([await waiting(), (await fans[0].poll()).body.status, (await fans[1].poll()).body.status]).toEqual([
    '1',
    'ACTIVE',
    'WAITING',
  ]);
  await card.getByLabel('Cap (people inside)').fill('50');
  await card.getByRole('button', { name: 'Save' }).click();
  await eventually('nobody waits', waiting, (text) => text === '0', SEEN_WITHIN_MS);
  for (const fan of fans) await fan.leave();
});

test('what a date sells is seen as it happens, and a booking is found by its seat with its whole way', async () => {
  const page = await newOperator();
  const date = `[data-schedule="${sale.scheduleId}"]`;
  await page.locator(date).waitFor();
  const fan = await newGuest(system, sale, 2 * PRICE);
  const { body: held } = await fan.hold(sale.scheduleId, sale.seatIds.slice(0, 2));
  await eventually(
    'two are held',
    () => figure(page, date, 'Held'),
    (text) => text === '2',
    SEEN_WITHIN_MS,
  );
  await fan.pay(held.id);
  await eventually(
    'two are sold',
    () => figure(page, date, 'Sold'),
    (text) => text === '2',
    SEEN_WITHIN_MS,
  );
  expect(await figure(page, date, 'Revenue')).toBe('₩198,000');
  await page.locator(date).getByText('Over time').click();
  await page.locator(`${date} .columns[aria-label^="2 seats, ₩198,000"]`).waitFor();
  await page
    .locator(`${date} .stacks title`, { hasText: '18 free, 0 held, 2 sold' })
    .first()
    .waitFor({ state: 'attached' });

  await page.getByRole('link', { name: 'Bookings' }).click();
  await page.getByLabel('Find by').selectOption('seat');
  await page.getByLabel('Date number').fill(String(sale.scheduleId));
  await page.getByLabel('Seat (such as A-1)').fill('A-2');
  await page.keyboard.press('Enter');
  const booking = page.locator(`[data-reservation="${held.id}"]`);
  await booking.waitFor();
  expect(
    await booking
      .locator('.timeline li')
      .evaluateAll((steps) => steps.map((step) => (step as unknown as { dataset: { step: string } }).dataset.step)),
  ).toEqual(['QUEUED', 'ADMITTED', 'HELD', 'PAID']);
  expect(await booking.innerText()).toContain('-₩198,000');
  const away = decodeURIComponent((await booking.getByRole('link').first().getAttribute('href')) ?? '');
  expect(away).toMatch(/^http:\/\/temporal\.example\/namespaces\/frontrow_e2e_ops_\w+\/workflows\?query=/);
  expect(away).toContain(`WorkflowId="payment-${held.id}"`);

  await page.reload();
  await page.locator(`[data-reservation="${held.id}"]`).waitFor();
  await page.getByLabel('Date number').fill('999999');
  await page.keyboard.press('Enter');
  await page.getByText('There is no such booking.').first().waitFor();
});

test('a concert, a date and its seats are made without anything but the page; a broken plan is refused fault by fault', async () => {
  const page = await newOperator();
  await page.getByRole('link', { name: 'Concerts' }).click();
  const add = page.locator('section', { has: page.getByRole('heading', { name: 'Add a concert' }) });
  await add.getByLabel('Name').fill('Nocturnes');
  await add.getByRole('button', { name: 'Add a concert' }).click();
  const concert = page.locator('[data-concert]', { hasText: 'Nocturnes' });
  await concert.locator('> details > summary').click();
  await concert.getByText('Add a date', { exact: true }).first().click();
  await concert.getByLabel('Place').fill('Quay Hall');
  for (const [label, value] of [
    ['Sale begins', '2030-01-01T10:00'],
    ['Sale ends', '2030-02-01T10:00'],
    ['Concert begins', '2030-02-01T09:00'],
  ] as const) {
    await concert.getByLabel(label).fill(value);
  }
  await concert.getByRole('button', { name: 'Add a date' }).click();
  await concert.locator('.faults').getByText('/concertAt').waitFor();
  await concert.getByLabel('Concert begins').fill('2030-02-02T19:00');
  await concert.getByRole('button', { name: 'Add a date' }).click();

  const date = concert.locator('[data-date]', { hasText: 'Quay Hall' });
  await date.locator('> details > summary').click();
  const plan = rowPlan(40, 10);
  const row = plan.zones[0]!.rows[1]!;
  const broken = {
    ...plan,
    zones: [{ ...plan.zones[0]!, rows: [{ ...row, seats: [{ ...row.seats[0]!, colour: 'red', category: 'S' }] }] }],
  };
  const [good, bad] = [path.join(dir, 'plan.json'), path.join(dir, 'broken.json')];
  writeFileSync(good, JSON.stringify(plan));
  writeFileSync(bad, JSON.stringify(broken));
  const file = date.getByLabel("Plan file (JSON of pretix's editor)");
  await file.setInputFiles(bad);
  await date.getByLabel('Price of R').fill('55000');
  await date.getByRole('button', { name: 'Import the plan' }).click();
  await date.locator('.faults li').first().waitFor();
  expect(await date.locator('.faults code').allInnerTexts()).toEqual([
    '/plan/zones/0/rows/0/seats/0/colour',
    '/plan/zones/0/rows/0/seats/0/category',
  ]);
  await picture(page, 'ops-plan');
  await file.setInputFiles(good);
  await date.getByLabel('Price of R').fill('55000');
  await date.getByRole('button', { name: 'Import the plan' }).click();
  await date.getByText('40 of 40 seats free').waitFor();

  await date.getByLabel('Price of R').fill('66000');
  await date.locator('fieldset').getByRole('button', { name: 'Save' }).click();
  await date.locator('fieldset').getByText('Saved.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    date.getByRole('button', { name: 'Download the plan' }).click(),
  ]);
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual({ plan, prices: { R: 66_000 } });
});

test.each([
  ['ko-KR', 'wide', undefined],
  ['en-GB', 'a phone', PHONE],
] as const)('every page is accessible and fits: %s, %s', async (locale, width, viewport) => {
  const page = await newOperator({ locale, ...(viewport ? { viewport } : {}) });
  const isSound = async (name: string) => {
    expect([name, await seriousFindings(page)]).toEqual([name, []]);
    expect([name, await overflow(page)]).toEqual([name, 0]);
    await picture(page, `ops-${name}-${width === 'wide' ? 'ko' : 'phone'}`);
  };
  expect(await page.locator('html').getAttribute('lang')).toBe(locale.slice(0, 2));
  for (const summary of await page.locator('main summary').all()) await summary.click();
  await isSound('overview');
  await page.goto(`${system.url}/ops/bookings?schedule=${sale.scheduleId}&location=A-1`);
  await page.locator('[data-reservation]').first().waitFor();
  await isSound('bookings');
  await page.locator('nav a').nth(2).click();
  await page.locator('[data-concert]').first().locator('> details > summary').click();
  await page.locator('[data-date] summary').first().click();
  await isSound('concerts');
});

test('by keyboard alone: a queue is paused from the first key on', async () => {
  const page = await newPage();
  await page.goto(`${system.url}/ops`);
  await page.getByRole('button', { name: 'Start as administrator' }).waitFor();
  const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
  const tabTo = async (text: string, within?: string): Promise<void> => {
    for (let keys = 0; keys < 120; keys += 1) {
      await page.keyboard.press('Tab');
      const inside = within
        ? await page.evaluate<boolean>(`document.activeElement.closest('${within}') !== null`)
        : true;
      if (inside && (await focused()) === text) return;
    }
    throw new Error(`no way to "${text}" by keyboard`);
  };
  await tabTo('Start as administrator');
  await page.keyboard.press('Enter');
  await queueCard(page).waitFor();
  await tabTo('Pause', `[data-queue="${sale.queue}"]`);
  await page.keyboard.press('Space');
  await queueCard(page).getByRole('button', { name: 'Resume' }).waitFor();
  expect(await focused()).toBe('Resume');
  await page.keyboard.press('Enter');
  await queueCard(page).getByRole('button', { name: 'Pause' }).waitFor();
});

test('who is no administrator is told so, and can sign in as another', async () => {
  const page = await newPage();
  await page.goto(`${system.url}/ops`);
  const fan = await newFan(system);
  const session = JSON.stringify({ accessToken: fan.accessToken, expiresAt: new Date().toISOString() });
  await page.evaluate(`localStorage.setItem('frontrow-operator', ${JSON.stringify(session)})`);
  await page.reload();
  const refused = page.locator('.failure[data-code=forbidden]');
  await refused.waitFor();
  await refused.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Start as administrator' }).waitFor();
});
