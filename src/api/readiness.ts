import type { Client } from '@temporalio/client';
import type { ReadinessView } from '../contracts/health';
import { ping, type Database } from '../db/connect';
import type { QueueSnapshot } from './queue-snapshot';

/** A probe every second from any number of probers costs one query a second. */
const DATABASE_CHECK_MS = 1_000;
const TEMPORAL_CHECK_MS = 5_000;
/** A check without an answer for this long has failed. */
const CHECK_TIMEOUT_MS = 1_000;

export interface Readiness {
  check(): Promise<ReadinessView>;
  /** From now on not ready: the process is about to go. */
  drain(): void;
  isDraining(): boolean;
  /** Waits for checks under way: Temporal's client retries in a timer, which throws if its connection is closed then. */
  close(): Promise<void>;
}

interface Deps {
  db: Database;
  client: Client;
  snapshot: QueueSnapshot;
}

/**
 * Ready = the database answers, the queues were read lately, and nobody asked us to stop. Temporal is reported but not
 * required: the line moves and seats are held without it; only payments wait.
 */
export function createReadiness({ db, client, snapshot }: Deps): Readiness {
  let draining = false;
  let temporalState: ReadinessView['checks']['temporal'] = 'unknown';
  const database = remembered(DATABASE_CHECK_MS, () => ping(db));
  const temporal = remembered(TEMPORAL_CHECK_MS, () => client.workflowService.getSystemInfo({}));
  return {
    check: async () => {
      // Not waited for: what is not required must not make a probe slow.
      void temporal.isUp().then((up) => {
        temporalState = up ? 'up' : 'down';
      });
      const databaseUp = await database.isUp();
      const ready = databaseUp && snapshot.isFresh() && !draining;
      return {
        status: ready ? 'ready' : 'not ready',
        checks: {
          database: databaseUp ? 'up' : 'down',
          queueSnapshot: snapshot.isFresh() ? 'fresh' : 'stale',
          temporal: temporalState,
          process: draining ? 'stopping' : 'running',
        },
      };
    },
    drain: () => {
      draining = true;
    },
    isDraining: () => draining,
    close: async () => {
      await Promise.all([database.idle(), temporal.idle()]);
    },
  };
}

/** Whether `check` succeeded, asked at most once in `keepMs`; callers in between share the answer. */
function remembered(
  keepMs: number,
  check: () => Promise<unknown>,
): { isUp(): Promise<boolean>; idle(): Promise<void> } {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<unknown> = Promise.resolve();
  let answer: Promise<boolean> = Promise.resolve(false);
  return {
    isUp: () => {
      if (performance.now() - askedAtMs >= keepMs) {
        askedAtMs = performance.now();
        underWay = check();
        answer = inTime(underWay).then(
          () => true,
          () => false,
        );
      }
      return answer;
    },
    idle: async () => {
      await underWay.catch(() => undefined);
    },
  };
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
