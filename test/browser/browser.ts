import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { source as axeSource } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Sale } from '../support/fan';
import { root } from '../support/system';

/** On a busy machine everything comes by then, or never. */
const EVENTUALLY_MS = 20_000;
const DESKTOP = { width: 1280, height: 820 };
export const PHONE = { width: 360, height: 740 };
/** The pictures of the README say the same wherever they are taken. */
const TIME_ZONE = 'Asia/Seoul';

/** What went wrong in pages unseen: an error of a script, or something that the content security policy refused. */
const faults: string[] = [];

/**
 * A browser for the tests of a file. Gives new pages, each on a device with a memory of its own, which goes with its test;
 * no test may leave a fault behind in a page.
 */
export function useBrowser(defaults: BrowserContextOptions = {}): (options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser | undefined;
  const devices: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await Promise.all(devices.splice(0).map((device) => device.close()));
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return async (options = {}) => {
    const device = await openDevice(browser as Browser, { ...defaults, ...options });
    devices.push(device);
    return device.newPage();
  };
}

/** The browser that the set-up of the tests has found. */
async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.BROWSER_PROGRAM;
  if (!executablePath) {
    throw new Error('no browser: install Chromium or Chrome, or set BROWSER_PROGRAM to where one is');
  }
  // Chromium does not start its sandbox for root, which is what a container of CI is.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

async function openDevice(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const device = await browser.newContext({
    locale: 'ko-KR',
    timezoneId: TIME_ZONE,
    viewport: DESKTOP,
    reducedMotion: 'reduce',
    ...options,
  });
  device.setDefaultTimeout(EVENTUALLY_MS);
  device.on('weberror', (error) => faults.push(error.error().message));
  device.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  return device;
}

/** A serious finding of axe on this page, if there is one: its rule, and the elements. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** How far the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

/** Takes a picture of the top of a page, where `SCREENSHOTS` names its folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(path.join(root, folder), { recursive: true });
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: path.join(root, folder, `${name}.png`), animations: 'disabled' });
}

/** The way in: a new fan, in dev mode by one click. */
export async function enter(page: Page, url: string, address = '/'): Promise<void> {
  await page.goto(url + address);
  await page.locator('.hero button').click();
  await page.locator('.hero').waitFor({ state: 'detached' });
}

/** The page with the seats of a date. */
export const addressOf = ({ concertId, scheduleId, queue }: Sale): string =>
  `/concerts/${concertId}/schedules/${scheduleId}?queue=${queue}`;

/** The seats whose names are in the panel of what is chosen. */
export const chosenSeats = (page: Page): Promise<string[]> =>
  page.locator('.choice .chosen-list strong').allTextContents();

/** Chooses a seat by its name from the list below the map: all seats of a test's sale are in row A. */
export async function chooseFromList(page: Page, seat: string): Promise<void> {
  const list = page.locator('.seat-list');
  if ((await list.getAttribute('open')) === null) {
    await list.locator('> summary').click();
    await list.locator('details > summary').first().click();
  }
  await list.getByRole('button', { name: new RegExp(`^${seat},`) }).click();
}

/** Time since the load began, once what is drawn now has been shown. */
export const AFTER_NEXT_FRAME =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))';

/** How long each of the next frames takes. */
export const FRAME_TIMES = `new Promise((done) => {
  const times = [];
  const next = (time) => {
    times.push(time);
    if (times.length <= 120) requestAnimationFrame(next);
    else done(times.slice(1).map((one, index) => one - times[index]));
  };
  requestAnimationFrame(next);
})`;
