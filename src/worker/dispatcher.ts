import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Database } from '../db/connect';
import { claimUntold, hasUntold, markTold, releaseClaims, type Untold } from '../db/dispatch';
import { readQueueStates } from '../db/queue-state';
import { findReservations } from '../db/reservation';
import { findTokens, type QueueToken } from '../db/tokens';
import type { DispatchMetrics } from '../observability/worker-metrics';
import { isAway } from '../temporal/away';
import { signalAdmitted, tellEnded, tellSettled } from '../temporal/notify';
import { createPace, PATIENT, URGENT, URGENT_PER_SECOND_MIN, type Pace } from '../temporal/pace';
import { queueTokenStart, reservationStart, turnInMs, unlessThere } from '../temporal/starts';

const BATCH_MAX = 20;
/** On a busy machine a batch is what may be started in this time, so that nobody with a deadline waits for a long one. */
const ROUND_MS = 500;
/** How long to rest when nothing is to be told. */
const IDLE_MS = 500;
/** Rest after an error: Temporal or the database is away. */
const ERROR_MS = 2_000;

export interface DispatcherDeps {
  db: Database;
  client: Client;
  logger: Logger;
  metrics: DispatchMetrics;
}

type Rest = (ms: number, stopping: AbortSignal) => Promise<unknown>;

/**
 * Tells workflows what they have not heard of their rows, starting those that are not there: what was lost on the way,
 * and all waiting tokens, in ticket order. Claims are committed before Temporal is called, so no lock is ever held across
 * a call. Any number may run. Returns a function that stops it and resolves when it has. `rest` ends early when stopped.
 */
export function runDispatcher(
  deps: DispatcherDeps,
  paceOf: (leaveIdle: number) => Pace = createPace,
  rest: Rest = (ms, signal) => delay(ms, undefined, { signal }),
): () => Promise<void> {
  const stopping = new AbortController();
  const running = Promise.all(
    LANES.map((lane) => loop(deps, { ...lane, pace: paceOf(lane.leaveIdle) }, rest, stopping.signal)),
  );
  return async () => {
    stopping.abort();
    await running;
  };
}

/**
 * However busy the machine: what has a deadline is told in time. A worker tells 2,400 of those let in within the ten minutes
 * that the sweep allows.
 */
const PER_SECOND_MIN: Record<Untold, number> = {
  hold: URGENT_PER_SECOND_MIN,
  'cancelled-hold': URGENT_PER_SECOND_MIN,
  'active-token': 4,
  'left-token': URGENT_PER_SECOND_MIN,
  'waiting-token': 0,
};

interface Lane {
  /** Most urgent first. */
  kinds: readonly Untold[];
  /** The share of the processor's time that it leaves to others. */
  leaveIdle: number;
  /** Calls at once: the server has to stay quick for payments. */
  inFlight: number;
}

/**
 * Each at a pace of its own, so that neither sits out the rests of the other. Those let in have minutes, too, but share the
 * rush with those who join: as urgent as holds, they left it 0.32 of bare Express instead of 0.42 (2026-11-27, 2 cores).
 */
const LANES: readonly Lane[] = [
  { kinds: ['hold', 'cancelled-hold'], leaveIdle: URGENT, inFlight: 8 },
  { kinds: ['active-token', 'left-token', 'waiting-token'], leaveIdle: PATIENT, inFlight: 2 },
];

type PacedLane = Lane & { pace: Pace };

async function loop(deps: DispatcherDeps, lane: PacedLane, rest: Rest, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const restMs = await round(deps, lane).catch((error: unknown) => {
      deps.metrics.failed();
      deps.logger.warn({ err: error }, 'workflows could not be told; trying again');
      return ERROR_MS;
    });
    // Rejects when stopped: the loop then ends.
    await rest(restMs, stopping).catch(() => undefined);
  }
}

/** Tells one batch of the most urgent kind there is. Returns how long to rest, in ms. */
async function round(deps: DispatcherDeps, { kinds, inFlight, pace }: PacedLane): Promise<number> {
  for (const kind of kinds) {
    // Whoever only has a turn comes after all who have a deadline.
    if (kind === 'waiting-token' && (await hasUntold(deps.db, 'hold'))) break;
    const perSecond = Math.max(PER_SECOND_MIN[kind], pace.perSecond());
    const limit = Math.ceil(Math.min(BATCH_MAX, (perSecond * ROUND_MS) / 1_000));
    const ids = await claimUntold(deps.db, kind, limit);
    if (ids.length === 0) continue;
    const startedMs = performance.now();
    await tellBatch(deps, kind, ids, inFlight);
    const tookMs = performance.now() - startedMs;
    return Math.max(0, (ids.length * 1_000) / perSecond - tookMs);
  }
  return IDLE_MS;
}

async function tellBatch(deps: DispatcherDeps, kind: Untold, ids: number[], inFlight: number): Promise<void> {
  const calls = await CALLS[kind](deps, ids);
  const told: number[] = [];
  const callers = Array.from({ length: inFlight }, async () => {
    for (let next = calls.shift(); next; next = calls.shift()) {
      await next.call();
      told.push(next.id);
    }
  });
  // All of them, also when one fails: no call may outlive its batch.
  const results = await Promise.allSettled(callers);
  deps.metrics.told(kind, told.length);
  await markTold(deps.db, kind, told);
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return;
  // Otherwise the most urgent rows would sit out their claims while less urgent ones are told. A row that is itself at
  // fault keeps its claim, so as not to hold up all others.
  if (isAway(failed.reason)) {
    const done = new Set(told);
    await releaseClaims(
      deps.db,
      kind,
      ids.filter((id) => !done.has(id)),
    );
  }
  throw failed.reason;
}

interface Call {
  id: number;
  call(): Promise<unknown>;
}

/** What the workflows of rows are told, by the state of the row. */
const CALLS: Record<Untold, (deps: DispatcherDeps, ids: number[]) => Promise<Call[]>> = {
  hold: async ({ db, client }, ids) =>
    (await findReservations(db, ids)).map(({ userId, view }) => ({
      id: view.id,
      call: () => unlessThere(client.workflow.start('reservation', reservationStart(userId, view))),
    })),
  'active-token': async ({ db, client }, ids) =>
    (await findThere(db, ids)).map((token) => ({ id: token.id, call: () => signalAdmitted(client, token) })),
  'cancelled-hold': async ({ db, client }, ids) => ids.map((id) => ({ id, call: () => tellSettled(client, db, id) })),
  'left-token': async ({ db, client }, ids) => ids.map((id) => ({ id, call: () => tellEnded(client, db, id) })),
  'waiting-token': async ({ db, client }, ids) => {
    const queues = new Map((await readQueueStates(db)).map((queue) => [queue.id, queue]));
    return (await findThere(db, ids)).map((token) => {
      const queue = queues.get(token.queueId);
      const waitMs = queue ? turnInMs(Math.max(0, token.ticketNo - queue.servedTicketNo - 1), queue) : 0;
      return {
        id: token.id,
        call: () => unlessThere(client.workflow.start('queueToken', queueTokenStart(token, waitMs))),
      };
    });
  },
};

async function findThere(db: Database, ids: number[]): Promise<QueueToken[]> {
  return (await findTokens(db, ids)).filter((token) => token !== undefined);
}
