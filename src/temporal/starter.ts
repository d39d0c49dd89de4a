import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { ReservationView } from '../contracts/reservation';
import type { Database } from '../db/connect';
import { markStarted } from '../db/dispatch';
import type { QueueToken } from '../db/tokens';
import { createPace } from './pace';
import { tellAdmitted, tellEnded, tellSettled } from './notify';
import { reservationStart, unlessThere } from './starts';

/** Few at a time: in a rush the processor is needed for holds and payments, and starts can wait. */
const IN_FLIGHT_MAX = 4;
/**
 * About what is started before the dispatcher takes a row for lost: a longer line would only start rows twice. The rest
 * is left to the dispatcher.
 */
const PENDING_MAX = 100;
const CALL_MS = 5_000;
/** Acknowledged starts are noted in the rows in batches this far apart. */
const MARK_INTERVAL_MS = 250;

/** Starts and tells workflows after a commit, without making the client wait. What gets lost, the dispatcher repairs. */
export interface Starter {
  reservationHeld(userId: number, hold: ReservationView): void;
  tokensAdmitted(tokens: readonly QueueToken[]): void;
  tokenEnded(tokenId: number): void;
  reservationsSettled(ids: readonly number[]): void;
  /** Calls not yet answered and calls dropped since the start, for the metrics. */
  stats(): { pending: number; dropped: number };
  /** Finishes what is under way and notes it; what has not begun is the dispatcher's. */
  close(): Promise<void>;
}

export function createStarter(deps: { client: Client; db: Database; logger: Logger }): Starter {
  const { client, db, logger } = deps;
  const lane = createLane(logger);
  const marks = createMarks(db, logger);
  const call = (work: () => Promise<unknown>) => lane.add(() => client.withDeadline(Date.now() + CALL_MS, work));

  return {
    reservationHeld(userId, hold) {
      call(async () => {
        await unlessThere(client.workflow.start('reservation', reservationStart(userId, hold)));
        marks.add('reservation', hold.id);
      });
    },
    tokensAdmitted(tokens) {
      for (const token of tokens) {
        call(async () => {
          await tellAdmitted(client, [token]);
          marks.add('waiting_token', token.id);
        });
      }
    },
    tokenEnded: (tokenId) => call(() => tellEnded(client, db, tokenId)),
    reservationsSettled(ids) {
      for (const id of ids) call(() => tellSettled(client, db, id));
    },
    stats: lane.stats,
    async close() {
      await lane.close();
      await marks.close();
    },
  };
}

function createLane(logger: Logger) {
  const pending: (() => Promise<unknown>)[] = [];
  const idle: (() => void)[] = [];
  const pace = createPace();
  let running = 0;
  let dropped = 0;
  let closing = false;

  async function run(): Promise<void> {
    running += 1;
    for (let work = pending.shift(); work; work = pending.shift()) {
      const untilMs = performance.now() + (IN_FLIGHT_MAX * 1_000) / pace.perSecond();
      await work().catch((error: unknown) =>
        logger.warn({ err: error }, 'a workflow could not be told; the dispatcher or its timer will'),
      );
      const restMs = untilMs - performance.now();
      if (restMs > 0 && pending.length > 0 && !closing) await delay(restMs);
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
      pending.push(work);
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
  const started = { reservation: new Set<number>(), waiting_token: new Set<number>() };

  async function flush(): Promise<void> {
    for (const table of ['reservation', 'waiting_token'] as const) {
      const ids = [...started[table]];
      started[table].clear();
      // An unmarked row is started once more by the dispatcher, which finds the workflow there.
      await markStarted(db, table, ids).catch((error: unknown) =>
        logger.warn({ err: error }, 'starts could not be noted'),
      );
    }
  }

  const timer = setInterval(() => void flush(), MARK_INTERVAL_MS);
  timer.unref();
  return {
    add: (table: keyof typeof started, id: number) => started[table].add(id),
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
