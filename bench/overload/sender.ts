/** A process that sends in an open loop. The crowd and those inside have one each, so that neither waits for the other. */
import { constants, setPriority } from 'node:os';
import { signSession } from '../../src/api/dev-session';
import { API } from '../../src/api/paths';
import { serve } from '../child';
import { requestText } from '../load/request';
import { runOpenLoop, type Supply } from './open-loop';
import type { SenderRequest } from './plan';

const SIGNED_AT_ONCE = 1_000;
const supplies = new Map<string, Supply>();

serve<SenderRequest>(async (request) => {
  if ('run' in request) return runOpenLoop(request.run, supplies);
  if ('yieldTo' in request) return setPriority(constants.priority.PRIORITY_LOW);
  const { stream } = 'load' in request ? request.load : request.sign;
  const requests = 'load' in request ? request.load.requests : await signJoins(request.sign);
  supplies.set(stream, { requests: requests.map((text) => Buffer.from(text)), next: 0 });
  return undefined;
});

type Sign = Extract<SenderRequest, { sign: unknown }>['sign'];

/** A join of each user, with a session as an identity provider would give it; the database does not know them yet. */
async function signJoins({ secret, firstUserId, users, queue }: Sign): Promise<string[]> {
  const join = async (userId: number): Promise<string> => {
    const { accessToken } = signSession(secret, { userId, role: 'user' });
    return requestText({ method: 'POST', path: `${API}/queue/tokens`, accessToken, body: { queue } });
  };
  const joins: string[] = [];
  while (joins.length < users) {
    const some = Math.min(SIGNED_AT_ONCE, users - joins.length);
    const first = firstUserId + joins.length;
    joins.push(...(await Promise.all(Array.from({ length: some }, (_, index) => join(first + index)))));
  }
  return joins;
}
