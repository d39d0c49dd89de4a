import type { Logger } from 'pino';
import type { Database } from '../db/connect';
import { readDepartures, readQueueStates, type QueueState } from '../db/queue-state';
import type { QueueToken } from '../db/tokens';
import { Refusal } from '../errors';
import { createLoop } from './loop';
import { hasDeparted, mergeDepartures, positionOf } from './position';
import { advanceLine, openLine, trafficOf, type QueueLine, type Traffic } from './queue-line';
import { estimateWaitSeconds } from './wait';

/** The queues as this process read them a moment ago: polls are answered from here, not from the database. */
export interface QueueSnapshot {
  /** Begins to refresh; resolves after the first reading that succeeded. */
  start(): Promise<void>;
  /** Ends the refreshing and waits for the one under way. */
  close(): Promise<void>;
  /** Whether the last reading is young enough to answer from. */
  isFresh(): boolean;
  states(): QueueState[];
  /** Resolves at once for a queue that was read before; reads now for one that was made a moment ago. */
  know(queueId: number): Promise<void>;
  /** 1 = next. Throws 503 `unavailable` when the snapshot is too old. */
  position(queueId: number, ticketNo: number): number;
  /** False as soon as this process knows that the ticket was served or left: its row says which. */
  isWaiting(queueId: number, ticketNo: number): boolean;
  /** `null` while nobody is let in, or nothing is known of the queue. */
  estimateWaitSeconds(queueId: number, position: number): number | null;
  /** How many were let in, left before their turn, and ended their time inside in the last minute. */
  traffic(queueId: number): Record<keyof Traffic, number>;
  /** These were let in by this process: the line has moved before the next reading says so. */
  admitted(tokens: readonly QueueToken[]): void;
  /** This one left through this process: whoever is behind moves up at once. */
  left(token: QueueToken): void;
  /** Calls `listener` after every reading, and when this process has moved a line. */
  follow(listener: () => void): void;
}

const REFRESH_MS = 250;
/** A position older than this is no answer any more. */
const STALE_MS = 10_000;

interface Deps {
  db: Database;
  logger: Logger;
}

/** Reads every queue four times a second, one reading at a time. */
export function createQueueSnapshot({ db, logger }: Deps): QueueSnapshot {
  const lines = new Map<number, QueueLine>();
  const listeners: (() => void)[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  const isFresh = (): boolean => performance.now() - readAtMs < STALE_MS;

  const admitted = (tokens: readonly QueueToken[]): void => {
    for (const { queueId, ticketNo } of tokens) {
      const line = lines.get(queueId);
      if (line && ticketNo > line.state.servedTicketNo) line.state = { ...line.state, servedTicketNo: ticketNo };
    }
    if (tokens.length > 0) for (const listener of listeners) listener();
  };
  const read = async (): Promise<void> => {
    const startedMs = performance.now();
    await refreshLines(db, lines);
    readAtMs = startedMs;
    for (const listener of listeners) listener();
  };
  // One reading at a time: an older one that ends later would move a line back.
  let last: Promise<void> = Promise.resolve();
  const refresh = (): Promise<void> => (last = last.then(read, read));
  let catchingUp: Promise<void> | undefined;
  const loop = createLoop({
    name: 'queue snapshot',
    everyMs: REFRESH_MS,
    restMs: () => 0,
    work: refresh,
    logger,
  });

  return {
    start: loop.start,
    close: loop.close,
    isFresh,
    states: () => [...lines.values()].map(({ state }) => state),
    know: async (queueId) => {
      if (lines.has(queueId)) return;
      catchingUp ??= refresh().finally(() => (catchingUp = undefined));
      await catchingUp;
    },
    position: (queueId, ticketNo) => {
      const line = lines.get(queueId);
      if (!line || !isFresh()) throw new Refusal('unavailable', 'The queue cannot be read right now.');
      // The row said WAITING: it is next at the latest, whatever a younger snapshot makes of it.
      return Math.max(1, positionOf(ticketNo, line.state.servedTicketNo, line.departed));
    },
    isWaiting: (queueId, ticketNo) => {
      const line = lines.get(queueId);
      return line !== undefined && ticketNo > line.state.servedTicketNo && !hasDeparted(ticketNo, line.departed);
    },
    estimateWaitSeconds: (queueId, position) => {
      const line = lines.get(queueId);
      return line ? estimateWaitSeconds(line.state, line.rate.perSecond(performance.now()), position) : null;
    },
    traffic: (queueId) => trafficOf(lines.get(queueId), performance.now()),
    admitted,
    left: ({ queueId, ticketNo, activatedAt }) => {
      const line = lines.get(queueId);
      if (line && !activatedAt) line.departed = mergeDepartures(line.departed, [ticketNo], line.state.servedTicketNo);
      for (const listener of listeners) listener();
    },
    follow: (listener) => void listeners.push(listener),
  };
}

/** Each line is replaced in one step, so that what this process noted in the meantime is never lost. */
async function refreshLines(db: Database, lines: Map<number, QueueLine>): Promise<void> {
  for (const state of await readQueueStates(db)) {
    const known = lines.get(state.id);
    const [afterNo, served] = known ? [known.departureNo, known.state.servedTicketNo] : [0, state.servedTicketNo];
    const departures = state.departureNo > afterNo ? await readDepartures(db, state.id, afterNo, served) : [];
    const line = lines.get(state.id);
    const nowMs = performance.now();
    lines.set(state.id, line ? advanceLine(line, state, departures, nowMs) : openLine(state, departures, nowMs));
  }
}
