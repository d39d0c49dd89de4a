import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Database } from '../db/connect';
import { claimUnstarted, markStarted, releaseClaims, STARTABLE, type Startable } from '../db/dispatch';
import { readQueueStates } from '../db/queue-state';
import { findReservations } from '../db/reservation';
import { findTokens } from '../db/tokens';
import { isAway } from '../temporal/away';
import { createPace, type Pace } from '../temporal/pace';
import { queueTokenStart, reservationStart, turnInMs, unlessThere } from '../temporal/starts';

const BATCH_MAX = 20;
/** On a busy machine a batch is what may be started in this time, so that nobody with a deadline waits for a long one. */
const ROUND_MS = 500;
/** Few at a time: the server has to stay quick for holds and payments. */
const IN_FLIGHT_MAX = 4;
const CALL_MS = 5_000;
/** How long to rest when nothing is to be started. */
const IDLE_MS = 500;
/** Rest after an error: Temporal or the database is away. */
const ERROR_MS = 2_000;

export interface DispatcherDeps {
  db: Database;
  client: Client;
  logger: Logger;
}

/**
 * Starts the workflows of rows that have none: those whose start was lost, and all waiting tokens, in ticket order. Claims
 * are committed before Temporal is called, so no lock is ever held across a call. Any number may run. Returns a function
 * that stops it and resolves when it has.
 */
export function runDispatcher(deps: DispatcherDeps): () => Promise<void> {
  const stopping = new AbortController();
  const running = loop(deps, stopping.signal);
  return async () => {
    stopping.abort();
    await running;
  };
}

async function loop(deps: DispatcherDeps, stopping: AbortSignal): Promise<void> {
  const pace = createPace();
  while (!stopping.aborted) {
    const restMs = await round(deps, pace).catch((error: unknown) => {
      deps.logger.warn({ err: error }, 'workflows could not be started; trying again');
      return ERROR_MS;
    });
    // Rejects when stopped: the loop then ends.
    await delay(restMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** Starts one batch of the most urgent kind there is. Returns how long to rest, in ms. */
async function round(deps: DispatcherDeps, pace: Pace): Promise<number> {
  const limit = Math.ceil(Math.min(BATCH_MAX, (pace.perSecond() * ROUND_MS) / 1_000));
  for (const kind of STARTABLE) {
    const ids = await claimUnstarted(deps.db, kind, limit);
    if (ids.length === 0) continue;
    const startedMs = performance.now();
    await startBatch(deps, kind, ids);
    const tookMs = performance.now() - startedMs;
    return Math.max(0, (ids.length * 1_000) / pace.perSecond() - tookMs);
  }
  return IDLE_MS;
}

async function startBatch(deps: DispatcherDeps, kind: Startable, ids: number[]): Promise<void> {
  const starts = kind === 'hold' ? await reservationStarts(deps, ids) : await tokenStarts(deps, ids);
  const started: number[] = [];
  const lanes = Array.from({ length: IN_FLIGHT_MAX }, async () => {
    for (let next = starts.shift(); next; next = starts.shift()) {
      await deps.client.withDeadline(Date.now() + CALL_MS, next.start);
      started.push(next.id);
    }
  });
  // All of them, also when one fails: no call may outlive its batch.
  const results = await Promise.allSettled(lanes);
  const table = kind === 'hold' ? 'reservation' : 'waiting_token';
  await markStarted(deps.db, table, started);
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return;
  // Otherwise the most urgent rows would sit out their claims while less urgent ones are started. A row that is itself
  // at fault keeps its claim, so as not to hold up all others.
  if (isAway(failed.reason)) {
    const done = new Set(started);
    await releaseClaims(
      deps.db,
      table,
      ids.filter((id) => !done.has(id)),
    );
  }
  throw failed.reason;
}

interface Start {
  id: number;
  start(): Promise<unknown>;
}

async function reservationStarts({ db, client }: DispatcherDeps, ids: number[]): Promise<Start[]> {
  const found = await findReservations(db, ids);
  return found.map(({ userId, view }) => ({
    id: view.id,
    start: () => unlessThere(client.workflow.start('reservation', reservationStart(userId, view))),
  }));
}

async function tokenStarts({ db, client }: DispatcherDeps, ids: number[]): Promise<Start[]> {
  const queues = new Map((await readQueueStates(db)).map((queue) => [queue.id, queue]));
  const tokens = (await findTokens(db, ids)).filter((token) => token !== undefined);
  return tokens.map((token) => {
    const queue = queues.get(token.queueId);
    const waitMs = queue ? turnInMs(Math.max(0, token.ticketNo - queue.servedTicketNo - 1), queue) : 0;
    return {
      id: token.id,
      start: () => unlessThere(client.workflow.start('queueToken', queueTokenStart(token, waitMs))),
    };
  });
}
