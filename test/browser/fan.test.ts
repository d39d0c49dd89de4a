import type { Page } from 'playwright-core';
import { newFan, newFans, newGuest, newSale, type Fan } from '../support/fan';
import { startProvider } from '../support/provider';
import { startTestSystem, type ApiProcess, type TestSystem } from '../support/system';
import {
  addressOf,
  chooseFromList,
  chosenSeats,
  enter,
  useBrowser,
  overflow,
  PHONE,
  picture,
  seriousFindings,
} from './browser';

/** Long enough to look at the countdown, short enough to see it end. */
const SHORT_HOLD_SECONDS = 8;
const SEEN_WITHIN_MS = 4_000;

const newPage = useBrowser();
let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  system = await startTestSystem('fan');
  admin = await newFan(system, 'admin');
});
afterAll(async () => {
  await system?.stop();
});

test('a newcomer buys tickets by clicking what is offered, and every page on the way is accessible', async () => {
  const page = await newPage();
  const isSound = async (name: string) => {
    expect([name, await seriousFindings(page)]).toEqual([name, []]);
    expect([name, await overflow(page)]).toEqual([name, 0]);
    await picture(page, `${name}-ko`);
  };
  await page.goto(system.url);
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  await page.getByRole('button', { name: '입장하기' }).waitFor();
  await isSound('home');
  await page.getByRole('button', { name: '입장하기' }).click();
  await page.locator('.cards .card').first().waitFor();
  await isSound('concerts');
  await page.getByRole('link', { name: /Sea Symphonies/ }).click();
  await page
    .getByRole('link', { name: /좌석 고르기/ })
    .first()
    .click();
  await page.locator('.map svg path.seats').first().waitFor();
  await page.getByRole('button', { name: '추천 받기' }).click();
  const chosen = await chosenSeats(page);
  expect(chosen).toHaveLength(2);
  await isSound('seats');

  await page.getByRole('button', { name: '2석 예매하기' }).click();
  const booking = page.locator('.booking[data-status=HELD]');
  await booking.waitFor();
  await booking.getByRole('button', { name: /충전하기/ }).waitFor();
  await isSound('payment');
  expect(await booking.getByRole('button', { name: /결제하기/ }).isDisabled()).toBe(true);
  await booking.getByRole('button', { name: /충전하기/ }).click();
  await booking.getByRole('button', { name: /결제하기/ }).click();
  const ticket = page.locator('.booking[data-status=PAID] .ticket');
  await ticket.getByText('Sea Symphonies').waitFor();
  expect(await ticket.locator('.tickets strong').allTextContents()).toEqual(chosen);
  expect(await ticket.locator('.reference strong').textContent()).toMatch(/^R\d+-P\d+$/);
  await isSound('ticket');

  await page.getByRole('link', { name: '내 예매', exact: true }).click();
  await page.locator('.card[data-status=PAID] summary').click();
  expect(await page.locator('.timeline li').evaluateAll((steps) => steps.map((step) => step.dataset.step))).toEqual([
    'QUEUED',
    'ADMITTED',
    'HELD',
    'PAID',
  ]);
  await isSound('bookings');
  await page.getByRole('link', { name: /^잔액/ }).click();
  await page.locator('.entries tbody tr').nth(1).waitFor();
  expect(await page.locator('.entries tbody tr').count()).toBe(2);
  await isSound('balance');
});

test('two browsers want one seat: one gets it, the other is told and sees it go within a second', async () => {
  const sale = await newSale(admin);
  const pages = await Promise.all([newPage(), newPage()]);
  for (const page of pages) {
    await enter(page, system.url, addressOf(sale));
    await chooseFromList(page, 'A-3');
    expect(await chosenSeats(page)).toEqual(['A-3']);
  }
  // By force: for the slower one the seat may be gone, and the button disabled, before its click.
  await Promise.all(pages.map((page) => page.locator('.choice .primary').click({ force: true })));
  const outcomes = await Promise.all(
    pages.map(async (page) => {
      const won = page.locator('.booking[data-status=HELD]');
      const lost = page.locator('.choice').getByRole('alert').first();
      await won.or(lost).first().waitFor();
      return (await won.count()) === 1 ? 'won' : 'lost';
    }),
  );
  expect(outcomes.sort()).toEqual(['lost', 'won']);

  // A third one holds by the API: both pages that look at the map see it.
  const watcher = await newPage();
  await enter(watcher, system.url, addressOf(sale));
  await watcher.locator('[data-free="7"]').waitFor();
  await chooseFromList(watcher, 'A-5');
  const other = await newGuest(system, sale);
  await other.hold(sale.scheduleId, [sale.seatIds[4]!]);
  const heldMs = performance.now();
  await watcher.locator('[data-free="6"]').waitFor({ timeout: SEEN_WITHIN_MS + 2_000 });
  process.stdout.write(
    `a seat that another one holds goes from the map after ${Math.round(performance.now() - heldMs)} ms\n`,
  );
  expect(await chosenSeats(watcher)).toEqual([]);
  expect(await watcher.locator('.lost').textContent()).toContain('A-5');
});

test('a place in the queue outlives a reload, a closed tab and a second device, and its turn comes by itself', async () => {
  const sale = await newSale(admin, { maxActive: 1 });
  const guest = await newGuest(system, sale);
  const [ahead] = await newFans(system, 1);
  await ahead!.join(sale.queue);
  const page = await newPage();
  await enter(page, system.url, addressOf(sale));
  const placeOn = async (shown: Page) => {
    await shown.locator('.waiting').waitFor();
    return shown.locator('.place').textContent();
  };
  expect(await placeOn(page)).toBe('2번째');
  expect(await page.locator('.ahead').textContent()).toBe('내 앞에 1명');
  expect(await page.locator('.estimate').textContent()).toMatch(/예상 대기 시간 \d/);
  await page.locator('.on-sale').getByText('남은 좌석 8석').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await picture(page, 'waiting-ko');

  await page.reload();
  expect(await placeOn(page)).toBe('2번째');
  const device = page.context();
  await page.close();
  const sameDevice = await device.newPage();
  await sameDevice.goto(system.url + addressOf(sale));
  expect(await placeOn(sameDevice)).toBe('2번째');

  const session = await sameDevice.evaluate<string>("localStorage.getItem('frontrow.session')");
  const second = await newPage();
  await second.addInitScript(`localStorage.setItem('frontrow.session', ${JSON.stringify(session)})`);
  await second.goto(system.url + addressOf(sale));
  await second.getByRole('button', { name: '줄 서기' }).click();
  expect(await placeOn(second)).toBe('2번째');

  await ahead!.leave();
  await sameDevice.getByText('바로 다음 차례입니다').waitFor();
  await guest.leave();
  await Promise.all([sameDevice, second].map((shown) => shown.locator('.map').waitFor()));
});

describe('with an API process of its own', () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await system.addApi({ HOLD_SECONDS: String(SHORT_HOLD_SECONDS) });
  });

  test('a hold ends before the eyes of its fan: counted down, said, nothing taken, and a way on', async () => {
    const sale = await newSale(admin);
    const page = await newPage();
    await enter(page, api.url, addressOf(sale));
    await chooseFromList(page, 'A-1');
    await page.locator('.choice .primary').click();
    await page
      .locator('.booking[data-status=HELD] .clock')
      .getByText(/0:0[1-8]/)
      .waitFor();
    await page.locator('.booking[data-status=EXPIRED]').waitFor();
    expect(await page.locator('h1').textContent()).toBe('결제 시간이 지났습니다');
    await page.getByText('돈은 빠져나가지 않았습니다').first().waitFor();
    expect(await page.locator('[aria-live=assertive]').allTextContents()).toContain('결제 시간이 지났습니다');
    expect(await page.locator('.timeline li').last().getAttribute('data-step')).toBe('EXPIRED');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: '다시 고르기' }).waitFor();
  });

  test('a lost connection is said, and over by itself', async () => {
    const sale = await newSale(admin, { maxActive: 1 });
    await newGuest(system, sale);
    const page = await newPage();
    await enter(page, api.url, addressOf(sale));
    await page.locator('.waiting').waitFor();
    await api.restart();
    // Its port stays the same; whether the page noticed depends on how fast the process came back.
    await page.locator('.connection').waitFor({ state: 'detached' });
    await page.context().setOffline(true);
    await page.locator('.connection').waitFor();
    await page.context().setOffline(false);
    await page.locator('.connection').waitFor({ state: 'detached' });
    expect(await page.locator('.place').textContent()).toBe('1번째');
  });
});

test('a reply that is lost is asked for again with the same key, and a double click is one payment', async () => {
  const sale = await newSale(admin);
  const page = await newPage();
  await enter(page, system.url, addressOf(sale));
  await chooseFromList(page, 'A-2');
  await page.locator('.choice .primary').click();
  const keys: Record<string, string[]> = { charges: [], payments: [] };
  for (const [name, seen] of Object.entries(keys)) await page.route(new RegExp(`/${name}$`), losesFirstReply(seen));
  await page.locator('.charge button').dblclick();
  const pay = page.getByRole('button', { name: /결제하기/ });
  await page.locator('.charge').waitFor({ state: 'detached' });
  await pay.dblclick();
  await page.locator('.booking[data-status=PAID]').waitFor();
  for (const [name, seen] of Object.entries(keys)) {
    expect([name, seen.length, new Set(seen).size]).toEqual([name, 2, 1]);
  }
  await page.getByRole('link', { name: /^잔액/ }).click();
  await page.locator('.entries tbody tr').first().waitFor();
  await page.locator('.entries tbody tr').nth(1).waitFor();
  expect(await page.locator('.entries tbody tr').count()).toBe(2);
});

/** The server does what is asked, and the page never hears of it: the first time only. */
function losesFirstReply(keys: string[]): Parameters<Page['route']>[1] {
  return async (route) => {
    keys.push((await route.request().headerValue('idempotency-key')) ?? 'none');
    if (keys.length > 1) return route.continue();
    await route.fetch();
    return route.abort();
  };
}

test('the whole way goes by keyboard alone', async () => {
  const sale = await newSale(admin);
  const page = await newPage();
  await page.goto(system.url + addressOf(sale));
  const tabTo = async (target: string) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      if (await page.locator(`${target}:focus`).count()) return;
    }
    throw new Error(`the keyboard does not reach ${target}`);
  };
  await page.locator('.hero').waitFor();
  await tabTo('.hero button');
  await page.keyboard.press('Enter');
  await page.locator('.map svg path.seats').first().waitFor();
  await tabTo('.map-frame');
  for (const key of ['ArrowRight', 'ArrowRight', 'Enter', 'ArrowRight', ' ']) await page.keyboard.press(key);
  const [first, second] = await chosenSeats(page);
  expect(Number(second?.slice(2))).toBe(Number(first?.slice(2)) + 1);
  expect(await page.locator('.map-frame [aria-live]').textContent()).toContain(`${second}, `);
  await tabTo('.choice .primary');
  await page.keyboard.press('Enter');
  await page.locator('.booking[data-status=HELD] .charge').waitFor();
  await tabTo('.charge button');
  await page.keyboard.press('Enter');
  await page.locator('.charge').waitFor({ state: 'detached' });
  await tabTo('.actions .primary');
  await page.keyboard.press('Enter');
  await page.locator('.booking[data-status=PAID] .ticket').waitFor();
});

test('on a phone nothing is wider than the screen, fingers choose, and the language is one tap away', async () => {
  const sale = await newSale(admin);
  const page = await newPage({ viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB', colorScheme: 'dark' });
  await enter(page, system.url, addressOf(sale));
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.locator('.map svg path.seats').first().waitFor();
  expect(await overflow(page)).toBe(0);
  expect(await seriousFindings(page)).toEqual([]);
  const box = (await page.locator('.map svg path.seats.free').first().boundingBox())!;
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  expect(await chosenSeats(page)).toHaveLength(1);
  await picture(page, 'phone');
  await page.getByRole('button', { name: '한국어' }).tap();
  await page.getByRole('button', { name: '1석 예매하기' }).tap();
  await page.getByText('결제를 기다리고 있습니다').waitFor();
  expect(await overflow(page)).toBe(0);
  await page.reload();
  await page.getByText('결제를 기다리고 있습니다').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
});

test('where an identity provider says who is who, a click leads there and back to the page one came for', async () => {
  const sale = await newSale(admin);
  const provider = await startProvider(admin.userId + 1_000_000);
  try {
    const api = await system.addApi(provider.env);
    const page = await newPage();
    await page.goto(api.url + addressOf(sale));
    await page.getByRole('button', { name: '입장하기' }).click();
    await page.locator('.map svg path.seats').first().waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(addressOf(sale));

    // An answer that this page did not ask for, such as one that somebody else has put into a link.
    const stranger = await newPage();
    await stranger.goto(`${api.url}/signed-in?code=stolen&state=made-up&iss=${encodeURIComponent(provider.issuer)}`);
    await stranger.getByText('로그인을 마치지 못했습니다').waitFor();
    expect(await stranger.evaluate<string | null>("localStorage.getItem('frontrow.session')")).toBeNull();
    await api.stop();
  } finally {
    await provider.stop();
  }
});
