import { setTimeout as delay } from 'node:timers/promises';
import { openConnection, type Connection } from '../load/connection';
import type { OpenLoopPlan, OpenLoopResult, Replies, Stream } from './plan';

/** Sent together: the timer's own precision. */
const TICK_MS = 1;
/** More requests than this without a reply are not sent: a server that answers nobody has failed anyway. */
const CONNECTIONS_MAX = 10_000;
/** Longer than the API takes for anything. */
const LAST_REPLY_MS = 25_000;
const RETRY_AFTER = /\r\nretry-after: *[1-9]/i;

/** The requests of one stream and the next one to send; each run goes on where the one before stopped. */
export interface Supply {
  requests: Buffer[];
  next: number;
}

/**
 * Sends every request when it is due, however long the replies to others take, each on a connection that carries no other
 * at that time. What a late sender, a full connection table or a slow server costs is all in the latency.
 */
export async function runOpenLoop(plan: OpenLoopPlan, supplies: Map<string, Supply>): Promise<OpenLoopResult> {
  const idle: Connection[] = [];
  const replies = new Map<string, Collected>();
  const underWay = new Set<Promise<void>>();
  let opened = 0;
  let unanswered = 0;
  const send = async (stream: string, request: Buffer, dueMs: number): Promise<void> => {
    const connection = idle.pop() ?? (opened++, await openConnection(plan.target));
    const { status, head } = await connection.exchange(request);
    note(replies, stream, status, performance.now() - dueMs, RETRY_AFTER.test(head));
    idle.push(connection);
  };
  const begin = (stream: string, request: Buffer, dueMs: number): void => {
    if (underWay.size >= CONNECTIONS_MAX) {
      unanswered += 1;
      return;
    }
    const sending: Promise<void> = send(stream, request, dueMs)
      .catch(() => void (unanswered += 1))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  };

  const startMs = performance.now();
  await Promise.all(plan.streams.map((stream) => keepSending(stream, plan.seconds, supplies, begin)));
  const elapsedMs = performance.now() - startMs;
  await Promise.race([Promise.all(underWay), delay(LAST_REPLY_MS)]);
  unanswered += underWay.size;
  for (const connection of idle) connection.close();
  return {
    replies: [...replies.values()].map(freeze),
    unanswered,
    seconds: elapsedMs / 1_000,
    connections: opened,
  };
}

type Begin = (stream: string, request: Buffer, dueMs: number) => void;

async function keepSending(
  { name, perSecond }: Stream,
  seconds: number,
  supplies: Map<string, Supply>,
  begin: Begin,
): Promise<void> {
  const supply = supplies.get(name);
  if (!supply || supply.requests.length === 0) throw new Error(`no requests named ${name} were loaded`);
  const { requests } = supply;
  const startMs = performance.now();
  const count = Math.round(perSecond * seconds);
  for (let sent = 0; sent < count; await delay(TICK_MS)) {
    const due = Math.min(count, Math.floor(((performance.now() - startMs) * perSecond) / 1_000));
    for (; sent < due; sent += 1) {
      begin(name, requests[supply.next++ % requests.length] as Buffer, startMs + (sent * 1_000) / perSecond);
    }
  }
}

type Collected = Omit<Replies, 'latenciesMs'> & { latenciesMs: number[] };

function note(all: Map<string, Collected>, stream: string, status: number, ms: number, retryAfter: boolean): void {
  const key = `${stream} ${status}`;
  let replies = all.get(key);
  if (!replies) all.set(key, (replies = { stream, status, latenciesMs: [], withRetryAfter: 0 }));
  replies.latenciesMs.push(ms);
  if (retryAfter) replies.withRetryAfter += 1;
}

function freeze({ latenciesMs, ...replies }: Collected): Replies {
  return { ...replies, latenciesMs: Float64Array.from(latenciesMs) };
}
