import { QUEUE_DEFAULT, type QueueTokenView } from '../src/contracts/queue';
import type { SessionView } from '../src/contracts/admin';
import { API } from '../src/api/paths';
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

/** Makes users through the API, as the product's own clients would. */
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
  charge(fans: Fan[], amount: number): Promise<void>;
}

/** Enough that two requests of one fan are never under way together, and each fan's own rows stay few. */
const CROWD = 1_000;

export function createFans(load: Load, api: Target): Fans {
  const sessions = async (count: number, role: 'user' | 'admin'): Promise<Fan[]> => {
    const request = requestText({ method: 'POST', path: `${API}/dev/sessions`, body: { role } });
    return load.all<SessionView>(api, Array<string>(count).fill(request), [201]);
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
    charge: async (fans, amount) => {
      const path = `${API}/asset/charges`;
      const requests = fans.map(({ accessToken, userId }) =>
        requestText({ method: 'POST', path, accessToken, idempotencyKey: `preparation-${userId}`, body: { amount } }),
      );
      await load.all(api, requests, [201]);
    },
  };
}
