import type { Request, Response } from 'express';
import { Refusal } from '../../errors';
import { beginReply, type HeaderList } from '../reply';
import { HEARTBEAT, retryFrame, type LiveEvent } from './events';

export const STREAM_KINDS = ['token', 'seats'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** Where the events of a stream come from. Calls `push` whenever there may be something new, until it is stopped. */
export type Source = (push: () => void) => {
  /** What a client that has `hasId` is to be sent next; nothing while there is nothing new. */
  next(hasId: string | undefined): LiveEvent | undefined;
  stop(): void;
};

export interface EventStreams {
  /**
   * Answers with the events of `source` until the last of them, `lifeMs`, or the end of the connection. Throws
   * 429 `rate_limited` or 503 `unavailable` where there are too many streams; nothing is answered then.
   */
  open(req: Request, res: Response, about: { kind: StreamKind; userId: number }, source: Source): void;
  count(kind: StreamKind): number;
  /** Ends all of them, and refuses more: their clients go on at another process. */
  hangUp(): void;
}

export interface StreamLimits {
  /** Of all users. */
  atOnce: number;
  ofOneUser: number;
  heartbeatMs: number;
  lifeMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  /** Below the connections of a process (15,000), so that there is always room for requests. */
  atOnce: 12_000,
  /** Some tabs on some devices, and a few lost connections that nobody has missed yet. */
  ofOneUser: 10,
  /** Half of the time after which this server closes a silent connection; most proxies wait longer. */
  heartbeatMs: 15_000,
  /** As long as an access token is believed once it was verified; then the client has to show it again. */
  lifeMs: 10 * 60_000,
};

/** Clients of a process that is gone come back spread over this time. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 3_000;
/** Whoever has not taken its last bytes by then keeps no process from stopping. */
const HANG_UP_MS = 1_000;
/** A longer one is none of ours. */
const EVENT_ID_LENGTH_MAX = 64;

const HEADERS: HeaderList = [
  ...['Content-Type', 'text/event-stream', 'Cache-Control', 'no-store, no-transform'],
  // nginx would keep events until its buffer is full.
  ...['X-Accel-Buffering', 'no'],
];

/** The streams of this process, which holds 16 kB and one event for each at the most, whatever its client does. */
export function createEventStreams(limits: StreamLimits): EventStreams {
  const open = new Set<{ kind: StreamKind; userId: number; res: Response }>();
  const byUser = new Map<number, number>();
  let hungUp = false;

  const refuse = (userId: number): void => {
    if (hungUp) throw new Refusal('unavailable', 'This process is about to stop.');
    if (open.size >= limits.atOnce) throw new Refusal('unavailable', 'Too many streams are open at this moment.');
    if ((byUser.get(userId) ?? 0) < limits.ofOneUser) return;
    throw new Refusal('rate_limited', `${limits.ofOneUser} streams of one user are allowed at once.`);
  };
  const count = (userId: number, change: 1 | -1): void => {
    const now = (byUser.get(userId) ?? 0) + change;
    if (now > 0) byUser.set(userId, now);
    else byUser.delete(userId);
  };
  return {
    open: (req, res, { kind, userId }, source) => {
      refuse(userId);
      // Gone while the guard was asking: no end of this connection would be heard of any more.
      if (res.destroyed) return void res.end();
      const entry = { kind, userId, res };
      open.add(entry);
      count(userId, 1);
      res.once('close', () => {
        open.delete(entry);
        count(userId, -1);
      });
      serve(req, res, source, limits);
    },
    count: (kind) => [...open].filter((entry) => entry.kind === kind).length,
    hangUp: () => {
      hungUp = true;
      for (const { res } of open) if (!res.writableEnded) res.end(retryFrame(retryMs()));
      setTimeout(() => {
        for (const { res } of open) res.destroy();
      }, HANG_UP_MS);
    },
  };
}

/**
 * Nothing is written onto what the client has not taken yet, no heartbeat either: what changes meanwhile reaches it as
 * one event, and one that takes nothing at all falls silent, which the server ends (`SILENCE_MS`).
 */
function serve(req: Request, res: Response, source: Source, { heartbeatMs, lifeMs }: StreamLimits): void {
  let hasId = lastEventId(req);
  const isIdle = (): boolean => !res.writableEnded && !res.destroyed && !res.writableNeedDrain;
  const push = (): void => {
    while (isIdle()) {
      const event = next(hasId);
      if (!event) return;
      hasId = event.id ?? hasId;
      if (event.isLast) res.end(event.frame);
      else res.write(event.frame);
      heartbeat.refresh();
    }
  };
  const { next, stop } = source(push);
  const heartbeat = setInterval(() => {
    if (isIdle()) res.write(HEARTBEAT);
  }, heartbeatMs);
  const tooOld = setTimeout(() => res.end(), lifeMs);
  res.on('drain', push);
  res.once('close', () => {
    clearInterval(heartbeat);
    clearTimeout(tooOld);
    stop();
  });
  res.locals.isStream = true;
  beginReply(res, 200, HEADERS);
  if (req.method === 'HEAD') res.end();
  else res.write(retryFrame(retryMs()));
  push();
}

function lastEventId(req: Request): string | undefined {
  const id = req.headers['last-event-id'];
  return typeof id === 'string' && id.length <= EVENT_ID_LENGTH_MAX ? id : undefined;
}

function retryMs(): number {
  return RETRY_MS_MIN + Math.random() * (RETRY_MS_MAX - RETRY_MS_MIN);
}
