import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { ReservationView } from '../contracts/reservation';
import type { Database } from '../db/connect';
import { markTold, OWN_CALL_SECONDS, type Untold } from '../db/dispatch';
import type { QueueToken } from '../db/tokens';
import { createPace, PATIENT, URGENT, URGENT_PER_SECOND_MIN } from './pace';
import { signalAdmitted, tellEnded, tellSettled } from './notify';
import { reservationStart, unlessThere } from './starts';

/** In each lane. Few at a time: in a rush the processor is needed for holds and payments, and starts can wait. */
const IN_FLIGHT_MAX = 2;
/**
 * About what is started before the dispatcher takes a row for lost: a longer line would only start rows twice. The rest
 * is left to the dispatcher.
 */
const PENDING_MAX = 100;
/** Acknowledged calls are noted in the rows in batches this far apart. */
const MARK_INTERVAL_MS = 250;
/** What has not begun by then would be told by the dispatcher as well. */
const BEGIN_MS_MAX = OWN_CALL_SECONDS * 1_000 - 2 * MARK_INTERVAL_MS;

/** Starts and tells workflows after a commit, without making the client wait. What gets lost, the dispatcher repairs. */
export interface Starter {
  reservationHeld(userId: number, hold: ReservationView): void;
  tokensAdmitted(tokens: readonly QueueToken[]): void;
  tokenLeft(id: number): void;
  reservationsCancelled(ids: readonly number[]): void;
  /** Calls not yet answered and calls dropped since the start, for the metrics. */
  stats(): { pending: number; dropped: number };
  /** Finishes what is under way and notes it; what has not begun is the dispatcher's. */
  close(): Promise<void>;
}

export function createStarter(deps: { client: Client; db: Database; logger: Logger }): Starter {
  const { client, db, logger } = deps;
  const holds = createLane(logger, URGENT);
  const tokens = createLane(logger, PATIENT);
  const marks = createMarks(db, logger);
  const tell = (lane: Lane, kind: Untold, id: number, work: () => Promise<unknown>): void =>
    lane.add(async () => {
      await work();
      marks.add(kind, id);
    });

  return {
    reservationHeld: (userId, hold) =>
      tell(holds, 'hold', hold.id, () =>
        unlessThere(client.workflow.start('reservation', reservationStart(userId, hold))),
      ),
    tokensAdmitted(admitted) {
      for (const token of admitted) tell(tokens, 'active-token', token.id, () => signalAdmitted(client, token));
    },
    tokenLeft: (id) => tell(tokens, 'left-token', id, () => tellEnded(client, db, id)),
    reservationsCancelled(ids) {
      for (const id of ids) tell(holds, 'cancelled-hold', id, () => tellSettled(client, db, id));
    },
    stats() {
      const [ofHolds, ofTokens] = [holds.stats(), tokens.stats()];
      return { pending: ofHolds.pending + ofTokens.pending, dropped: ofHolds.dropped + ofTokens.dropped };
    },
    async close() {
      await Promise.all([holds.close(), tokens.close()]);
      await marks.close();
    },
  };
}

type Lane = ReturnType<typeof createLane>;

function createLane(logger: Logger, leaveIdle: number) {
  const pending: { work: () => Promise<unknown>; addedMs: number }[] = [];
  const idle: (() => void)[] = [];
  const pace = createPace(leaveIdle);
  let running = 0;
  let dropped = 0;
  let closing = false;
  let nextAtMs = 0;

  /** Resolves when the pace allows one more. */
  async function turn(): Promise<void> {
    const nowMs = performance.now();
    const startMs = Math.max(nowMs, nextAtMs);
    nextAtMs = startMs + 1_000 / Math.max(URGENT_PER_SECOND_MIN, pace.perSecond());
    if (startMs > nowMs && !closing) await delay(startMs - nowMs);
  }

  async function run(): Promise<void> {
    running += 1;
    while (pending.length > 0) {
      await turn();
      const next = pending.shift();
      if (!next) break;
      if (performance.now() - next.addedMs > BEGIN_MS_MAX) {
        dropped += 1;
        continue;
      }
      await next
        .work()
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'a workflow could not be told; the dispatcher or its timer will'),
        );
    }
    running -= 1;
    if (running === 0) for (const resolve of idle.splice(0)) resolve();
  }

  return {
    add(work: () => Promise<unknown>): void {
      if (pending.length >= PENDING_MAX) {
        dropped += 1;
        return;
      }
      // Whoever works it off, it is part of the request that asked for it. `AsyncResource.bind` takes a hundred times as long.
      const request = new AsyncResource('TemporalCall');
      pending.push({ work: () => request.runInAsyncScope(work), addedMs: performance.now() });
      if (running < IN_FLIGHT_MAX) void run();
    },
    stats: () => ({ pending: pending.length + running, dropped }),
    /** Forgets what has not begun and waits for the rest. */
    close(): Promise<void> {
      closing = true;
      pending.length = 0;
      return new Promise((resolve) => (running === 0 ? resolve() : void idle.push(resolve)));
    },
  };
}

function createMarks(db: Database, logger: Logger) {
  const told = new Map<Untold, Set<number>>();

  async function flush(): Promise<void> {
    const batches = [...told];
    told.clear();
    for (const [kind, ids] of batches) {
      // An unmarked row's workflow is told once more by the dispatcher.
      await markTold(db, kind, [...ids]).catch((error: unknown) =>
        logger.warn({ err: error }, 'what workflows were told could not be noted'),
      );
    }
  }

  const timer = setInterval(() => void flush(), MARK_INTERVAL_MS);
  timer.unref();
  return {
    add(kind: Untold, id: number): void {
      const ids = told.get(kind) ?? new Set();
      told.set(kind, ids.add(id));
    },
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
