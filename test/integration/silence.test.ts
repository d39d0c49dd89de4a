import { connect, ping, type Database } from '../../src/db/connect';
import { select } from '../../src/db/sql';
import { toRefusal } from '../../src/api/problem';
import { useDatabase } from '../support/database';
import { startLink, type Link } from '../support/link';

const SILENCE_MS = 300;

const own = useDatabase({ migrated: false });
let link: Link;
let url: string;

beforeAll(async () => {
  link = await startLink(new URL(own.url));
  const through = new URL(own.url);
  through.host = link.address;
  url = through.href;
});
afterAll(() => link.stop());

const inUse = (db: Database): number => (db.client as { pool: { numUsed(): number } }).pool.numUsed();

const outcome = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (error: unknown) => toRefusal(error).code,
  );

test('a statement whose database has vanished is given up as unavailable, and its connection with it', async () => {
  const db = connect({ url, poolMax: 1, silenceMs: SILENCE_MS });
  await ping(db);
  const asked = outcome(select(db, 'SELECT SLEEP(1)'));
  link.silence();
  expect(await asked).toBe('unavailable');
  await link.mend();
  await ping(db);
  expect(inUse(db)).toBe(0);
  await db.destroy();
});

test('control: without that limit the connection stays lost after the database is back', async () => {
  const db = connect({ url, poolMax: 1, silenceMs: 3_600_000 });
  await ping(db);
  const asked = outcome(select(db, 'SELECT SLEEP(1)'));
  link.silence();
  await link.mend();
  expect(await outcome(ping(db))).toBe('unavailable');
  expect(inUse(db)).toBe(1);
  await link.refuse();
  expect(await asked).toBe('unavailable');
  await link.mend();
  await db.destroy();
});
