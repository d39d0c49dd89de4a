import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { selectOne } from '../../src/db/sql';
import { isLocked, useDatabase } from '../support/database';
import { charge, makeUser } from '../support/fixtures';

const { db, url } = useDatabase();
const CHARGED = 500;
/** Longer than a connection may stand still inside a transaction. */
const FROZEN_MS = 12_000;

let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

const said = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0];

/** A process that gives money in a transaction and is frozen before its commit, on a session with these settings. */
async function freezeInside(userId: number, session = 'DO 0'): Promise<ChildProcess> {
  const child = fork(path.join(__dirname, '../support/frozen.cjs'), [url, String(userId), session]);
  children.push(child);
  expect(await said(child)).toBe('inside');
  child.kill('SIGSTOP');
  return child;
}

async function assetOf(userId: number): Promise<{ id: number; balance: number }> {
  const asset = await selectOne<{ id: number; balance: number }>(
    db,
    'SELECT id, balance FROM asset WHERE user_id = ?',
    [userId],
  );
  if (!asset) throw new Error(`user ${userId} has no asset`);
  return asset;
}

test('a process frozen in a transaction loses its locks to whoever waits, and its effect when it wakes up', async () => {
  const userId = await makeUser(db);
  const zombie = await freezeInside(userId);
  const { id } = await assetOf(userId);
  expect(await isLocked(db, 'asset', id)).toBe(true);

  await charge(db, userId, CHARGED);
  zombie.send('go on');
  zombie.kill('SIGCONT');

  expect(await said(zombie)).toBe('failed');
  expect(await assetOf(userId)).toMatchObject({ balance: CHARGED });
});

test('control: on a session that may stand still it keeps them, and its effect comes late', async () => {
  const userId = await makeUser(db);
  const zombie = await freezeInside(userId, 'SET SESSION wait_timeout = 600');
  const { id } = await assetOf(userId);
  await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
  expect(await isLocked(db, 'asset', id)).toBe(true);

  zombie.send('go on');
  zombie.kill('SIGCONT');

  expect(await said(zombie)).toBe('committed');
  expect(await assetOf(userId)).toMatchObject({ balance: 1 });
  await db.raw('UPDATE asset SET balance = 0 WHERE user_id = ?', [userId]);
});
