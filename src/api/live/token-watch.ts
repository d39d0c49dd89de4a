import type { Logger } from 'pino';
import type { Database } from '../../db/connect';
import type { QueueState } from '../../db/queue-state';
import { findTokens, type QueueToken } from '../../db/tokens';
import { createLoop } from '../loop';
import type { QueueSnapshot } from '../queue-snapshot';

/** The queue tokens of all streams: each is read again only when something says that it has moved. */
export interface TokenWatch {
  start(): Promise<void>;
  close(): Promise<void>;
  /** Follows a token that was read just now; `push` is called when it, or its place in line, may have changed. */
  watch(token: QueueToken, push: () => void): WatchedToken;
  /** This process has changed the token: its row says how. */
  changed(tokenId: number): void;
}

export interface WatchedToken {
  now(): QueueToken;
  stop(): void;
}

/** The snapshot asks for a turn after each of its readings; this is for whatever is left over. */
const LOOK_EVERY_MS = 1_000;
const REST_MS_MIN = 50;
/** At most a quarter of the time goes into this, however many tokens move. */
const REST_PER_LOOK = 3;
/** Rows in one statement, one statement at a time; the others wait for the next turn. */
const LOOK_MAX = 1_000;

interface Entry {
  token: QueueToken;
  pushes: Set<() => void>;
  /** How many of its queue had ended when its row was last asked for; not a number before that. */
  lookedAtEnded: number;
}

interface Deps {
  db: Database;
  snapshot: QueueSnapshot;
  logger: Logger;
}

export function createTokenWatch({ db, snapshot, logger }: Deps): TokenWatch {
  const entries = new Map<number, Entry>();
  const turn = async (): Promise<void> => {
    const queues = new Map(snapshot.states().map((state) => [state.id, state]));
    const due: Entry[] = [];
    for (const entry of entries.values()) {
      if (mayHaveMoved(entry, queues.get(entry.token.queueId), snapshot)) due.push(entry);
      else if (entry.token.status === 'WAITING') pushAll(entry);
    }
    if (due.length > LOOK_MAX) loop.soon();
    await look(due.slice(0, LOOK_MAX), queues);
  };
  const look = async (looked: readonly Entry[], queues: ReadonlyMap<number, QueueState>): Promise<void> => {
    // Noted before the look: what ends after this may or may not be in what is read.
    for (const entry of looked) entry.lookedAtEnded = queues.get(entry.token.queueId)?.ended ?? Number.NaN;
    try {
      const rows = await findTokens(
        db,
        looked.map(({ token }) => token.id),
      );
      rows.forEach((row, index) => row && advance(looked[index]!, row));
    } catch (error) {
      for (const entry of looked) entry.lookedAtEnded = Number.NaN;
      throw error;
    }
  };
  const loop = createLoop({
    name: 'token feed',
    everyMs: LOOK_EVERY_MS,
    restMs: (tookMs) => Math.max(REST_MS_MIN, tookMs * REST_PER_LOOK),
    work: turn,
    logger,
  });
  snapshot.follow(loop.soon);
  return {
    start: loop.start,
    close: loop.close,
    watch: (token, push) => {
      const entry = entries.get(token.id) ?? { token, pushes: new Set(), lookedAtEnded: Number.NaN };
      entries.set(token.id, entry);
      advance(entry, token);
      entry.pushes.add(push);
      return {
        now: () => entry.token,
        stop: () => {
          entry.pushes.delete(push);
          if (entry.pushes.size === 0) entries.delete(token.id);
        },
      };
    },
    changed: (tokenId) => {
      const entry = entries.get(tokenId);
      if (!entry) return;
      entry.lookedAtEnded = Number.NaN;
      loop.soon();
    },
  };
}

/**
 * A waiting token has moved when the snapshot says so. An active one may have ended when any of its queue has; it is also
 * looked at once after it was first watched, because it may have ended in between.
 */
function mayHaveMoved(
  { token, lookedAtEnded }: Entry,
  queue: QueueState | undefined,
  snapshot: QueueSnapshot,
): boolean {
  if (!queue) return false;
  if (token.status === 'WAITING') return !snapshot.isWaiting(token.queueId, token.ticketNo);
  return token.status === 'ACTIVE' && lookedAtEnded !== queue.ended;
}

/** Readings may overtake each other, but a token only ever moves on: through its states, and to a later end. */
function advance(entry: Entry, row: QueueToken): void {
  const steps = STEP[row.status] - STEP[entry.token.status];
  const isLater = Number(row.expiresAt) > Number(entry.token.expiresAt);
  if (steps < 0 || (steps === 0 && !isLater)) return;
  entry.token = row;
  pushAll(entry);
}

const STEP: Readonly<Record<QueueToken['status'], number>> = { WAITING: 0, ACTIVE: 1, USED: 2, EXPIRED: 2, LEFT: 2 };

function pushAll({ pushes }: Entry): void {
  for (const push of [...pushes]) push();
}
