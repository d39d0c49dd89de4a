import type { ServerResponse } from 'node:http';
import type { Response } from 'express';

/** Of fixed length, because a list of arguments would be made for every reply. */
type Method = (this: Answerable, first?: unknown, second?: unknown, third?: unknown) => ServerResponse;

const DONE = Symbol('what to do when the reply is made');
const WRITE_HEAD = Symbol('writeHead as it was');
const END = Symbol('end as it was');
type Answerable = ServerResponse & { [DONE]?: (() => void) | undefined; [WRITE_HEAD]: Method; [END]: Method };

/**
 * Calls `done` once, when the reply is made: its head is written, and what follows is no work of ours. So neither a
 * client that reads slowly nor a stream keeps a place; one that goes away leaves its work behind, which is over when it
 * is answered all the same. To be called once for a reply.
 */
export function onAnswered(res: Response, done: () => void): void {
  const answerable = res as unknown as Answerable;
  answerable[DONE] = done;
  // Whoever watches replies may have put theirs in place before.
  answerable[WRITE_HEAD] = res.writeHead as unknown as Method;
  answerable[END] = res.end as unknown as Method;
  // The same two functions for all replies: making them anew for each took 1 % of a join (2026-11-27).
  res.writeHead = writeHead as unknown as Response['writeHead'];
  // To a client that has gone, no head is written.
  res.end = end as unknown as Response['end'];
}

const writeHead: Method = function (first, second, third) {
  tell(this);
  return this[WRITE_HEAD](first, second, third);
};

const end: Method = function (first, second, third) {
  tell(this);
  return this[END](first, second, third);
};

function tell(res: Answerable): void {
  const done = res[DONE];
  res[DONE] = undefined;
  done?.();
}
