import { randomBytes } from 'node:crypto';
import { QUEUE_DEFAULT, type QueueTokenView } from '../src/contracts/queue';
import { signSession } from '../src/api/dev-session';
import { API } from '../src/api/paths';
import type { Database } from '../src/db/connect';
import type { IdempotencyKey } from '../src/db/idempotency';
import { select, write } from '../src/db/sql';
import type { Load } from './load/load';
import type { Target } from './load/plan';
import { requestText } from './load/request';

export interface Fan {
  userId: number;
  accessToken: string;
}

/** A fan with a token in a queue. */
export interface QueuedFan extends Fan {
  queueToken: string;
}

/** Users with sessions as an identity provider would give them; everything else they do is done through the API. */
export interface Fans {
  /** New users, each with a session. */
  make(count: number): Promise<Fan[]>;
  makeAdmin(): Promise<Fan>;
  /** Takes a token for each; throws unless all have the `status`. */
  queue(fans: Fan[], queue: string, status: QueueTokenView['status']): Promise<QueuedFan[]>;
  /** New users inside the queue. */
  inside(count: number, queue: string): Promise<QueuedFan[]>;
  /** The fans inside the queue `main` whom the scenarios share. */
  crowd(): Promise<QueuedFan[]>;
  /** Gives each more than two seats cost. */
  charge(fans: Fan[]): Promise<void>;
}

/** Enough that two requests of one fan are never under way together, and each fan's own rows stay few. */
const CROWD = 1_000;
const ROWS_PER_STATEMENT = 5_000;
const BALANCE = 1_000_000;
const HASH_BYTES = 32;

export function createFans(load: Load, api: Target, db: Database, tokenSecret: string): Fans {
  const sessions = async (count: number, role: 'user' | 'admin'): Promise<Fan[]> => {
    const userIds = await makeUsers(db, count);
    return userIds.map((userId) => ({ userId, accessToken: signSession(tokenSecret, { userId, role }).accessToken }));
  };
  const queue = async (fans: Fan[], name: string, status: QueueTokenView['status']): Promise<QueuedFan[]> => {
    const path = `${API}/queue/tokens`;
    const requests = fans.map(({ accessToken }) =>
      requestText({ method: 'POST', path, accessToken, body: { queue: name } }),
    );
    const tokens = await load.all<QueueTokenView>(api, requests, [201]);
    const other = tokens.find((token) => token.status !== status);
    if (other) throw new Error(`expected tokens of ${name} to be ${status}, not ${other.status}`);
    return fans.map((fan, index) => ({ ...fan, queueToken: (tokens[index] as QueueTokenView).token }));
  };
  const inside = async (count: number, name: string) => queue(await sessions(count, 'user'), name, 'ACTIVE');
  let crowd: Promise<QueuedFan[]> | undefined;
  return {
    make: (count) => sessions(count, 'user'),
    makeAdmin: async () => (await sessions(1, 'admin'))[0] as Fan,
    queue,
    inside,
    crowd: () => (crowd ??= inside(CROWD, QUEUE_DEFAULT)),
    charge: async (fans) => {
      const path = `${API}/asset/charges`;
      const requests = fans.map(({ accessToken, userId }) =>
        requestText({
          method: 'POST',
          path,
          accessToken,
          idempotencyKey: `preparation-${userId}`,
          body: { amount: BALANCE },
        }),
      );
      await load.all(api, requests, [201]);
    },
  };
}

/** Tens of thousands through the API would take longer than what is measured with them. */
export async function makeUsers(db: Database, count: number): Promise<number[]> {
  const [last] = await select<{ id: number | null }>(db, 'SELECT MAX(id) AS id FROM user');
  const ids = Array.from({ length: count }, (_, index) => (last?.id ?? 0) + 1 + index);
  for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
    const rows = ids.slice(from, from + ROWS_PER_STATEMENT).map((id) => [id]);
    await write(db, 'INSERT INTO user (id) VALUES ?', [rows]);
    await write(db, 'INSERT INTO asset (user_id) VALUES ?', [rows]);
  }
  return ids;
}

/** Nobody has used it, as far as the database can tell. */
export function randomKey(userId: number): IdempotencyKey {
  return { userId, hash: randomBytes(HASH_BYTES), fingerprint: randomBytes(HASH_BYTES) };
}
