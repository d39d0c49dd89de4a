import type { QueueTokenView } from '../contracts/queue';
import type { QueueToken } from '../db/tokens';
import type { QueueSnapshot } from './queue-snapshot';
import type { QueueTokens } from './queue-token';
import { POLL_WHEN_SETTLED_MS, pollAfterMs } from './wait';
import type { WaitingToken } from './waiting-tokens';

interface Deps {
  queueTokens: QueueTokens;
  snapshot: QueueSnapshot;
}

/** A waiting token at its position, without a look at its row. */
export function viewWaiting({ queueTokens, snapshot }: Deps, token: WaitingToken, position: number): QueueTokenView {
  return {
    token: queueTokens.mint(token.id),
    queue: token.queue,
    status: 'WAITING',
    position,
    ahead: position - 1,
    estimatedWaitSeconds: snapshot.estimateWaitSeconds(token.queueId, position),
    pollAfterMs: pollAfterMs(position),
    issuedAt: token.issuedAt.toISOString(),
    activatedAt: null,
    expiresAt: null,
  };
}

/** A token that waits for nothing any more: ACTIVE, or ended. */
export function viewSettled({ queueTokens }: Pick<Deps, 'queueTokens'>, token: QueueToken): QueueTokenView {
  return {
    token: queueTokens.mint(token.id),
    queue: token.queue,
    status: token.status,
    position: 0,
    ahead: 0,
    estimatedWaitSeconds: token.status === 'ACTIVE' ? 0 : null,
    pollAfterMs: POLL_WHEN_SETTLED_MS,
    issuedAt: token.issuedAt.toISOString(),
    activatedAt: token.activatedAt?.toISOString() ?? null,
    expiresAt: token.expiresAt?.toISOString() ?? null,
  };
}
