import { ServerResponse } from 'node:http';
import type { Response } from 'express';

const DONE = Symbol('what to do when the reply is made');
type Answerable = ServerResponse & { [DONE]?: (() => void) | undefined };
/** Of fixed length, because a list of arguments would be made for every reply. */
type Method = (this: Answerable, first?: unknown, second?: unknown, third?: unknown) => ServerResponse;

const own = ServerResponse.prototype as unknown as { writeHead: Method; end: Method };

/**
 * Calls `done` once, when the reply is made: its head is written, and what follows is no work of ours. So neither a
 * client that reads slowly nor a stream keeps a place; one that goes away leaves its work behind, which is over when it
 * is answered all the same. One `done` for a reply: the last.
 */
export function onAnswered(res: Response, done: () => void): void {
  (res as Answerable)[DONE] = done;
  // The same two functions for all replies: making them anew for each took 1 % of a join (2026-11-27).
  res.writeHead = writeHead as Response['writeHead'];
  // To a client that has gone, no head is written.
  res.end = end as Response['end'];
}

const writeHead: Method = function (first, second, third) {
  tell(this);
  return own.writeHead.call(this, first, second, third);
};

const end: Method = function (first, second, third) {
  tell(this);
  return own.end.call(this, first, second, third);
};

function tell(res: Answerable): void {
  const done = res[DONE];
  res[DONE] = undefined;
  done?.();
}
