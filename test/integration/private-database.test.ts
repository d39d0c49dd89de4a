import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { networkInterfaces, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { connect, ping } from '../../src/db/connect';
import { select } from '../../src/db/sql';
import { script } from '../support/system';

interface PrivateDatabase {
  url: string;
  stop(): Promise<void>;
}
type StartDatabase = (options: {
  dataDir: string;
  log: () => void;
  temporary: boolean;
  env: NodeJS.ProcessEnv;
}) => Promise<PrivateDatabase>;

let dataDir: string;
let database: PrivateDatabase;
let url: URL;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'frontrow-private-'));
  const { startDatabase } = script<{ startDatabase: StartDatabase }>('database');
  // With an empty DATABASE_URL it starts the server that `npm start` has, whatever this run itself uses.
  const env = { ...process.env, DATABASE_URL: '' };
  database = await startDatabase({ dataDir: path.join(dataDir, 'data'), log: () => {}, temporary: true, env });
  url = new URL(database.url);
}, 60_000);
afterAll(async () => {
  await database.stop();
  rmSync(dataDir, { recursive: true });
});

/** Null, or why nobody gets in this way. */
async function refusal(user: string, password = ''): Promise<string | null> {
  const as = new URL(url);
  Object.assign(as, { username: user, password, pathname: '/' });
  const db = connect({ url: as.href, poolMax: 1 });
  try {
    return await ping(db).then(
      () => null,
      (error: { code: string }) => error.code,
    );
  } finally {
    await db.destroy();
  }
}

test('nobody gets in without the password, not even root', async () => {
  for (const user of ['root', 'frontrow', 'mysql', 'mariadb.sys', '', userInfo().username]) {
    expect([user, await refusal(user)]).toEqual([user, expect.stringMatching(/^ER_ACCESS_DENIED/)]);
  }
  expect(await refusal('frontrow', 'x'.repeat(48))).toBe('ER_ACCESS_DENIED_ERROR');
  expect(url.password).toMatch(/^[0-9a-f]{48}$/);
});

test('control: with the password, the application gets in, and may use its own databases only', async () => {
  expect(await refusal('frontrow', url.password)).toBeNull();
  const db = connect({ url: url.href, poolMax: 1 });
  try {
    await expect(select(db, 'SELECT * FROM mysql.db')).rejects.toMatchObject({ errno: 1142 });
    await expect(select(db, `SELECT LOAD_FILE('/etc/passwd') AS file`)).resolves.toEqual([{ file: null }]);
  } finally {
    await db.destroy();
  }
});

test('it listens on 127.0.0.1 only', async () => {
  const port = Number(url.port);
  const answers = (host: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connectSocket({ port, host });
      socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
    });
  const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const addresses = ['127.0.0.2', '::1', ...others.map(({ address }) => address)].filter(
    (host) => host !== '127.0.0.1',
  );
  expect(url.hostname).toBe('127.0.0.1');
  expect(await answers('127.0.0.1')).toBe(true);
  for (const address of addresses) expect([address, await answers(address)]).toEqual([address, false]);
});

test('what is kept is for the owner alone', () => {
  const data = path.join(dataDir, 'data');
  const mode = (...names: string[]) => (statSync(path.join(data, ...names)).mode & 0o777).toString(8);
  expect([mode(), mode('mysql')]).toEqual(['700', '700']);
  const files = readdirSync(data).filter((name) => statSync(path.join(data, name)).isFile());
  const withPassword = files.filter((name) => readFileSync(path.join(data, name), 'utf8').includes(url.password));
  expect(withPassword).toEqual(['mysql.json']);
  expect(withPassword.map((name) => mode(name))).toEqual(['600']);
});
