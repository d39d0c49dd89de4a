import { ServerResponse } from 'node:http';
import type { Response } from 'express';

const DONE = Symbol('what to do when the reply is made');
type Awaited = ServerResponse & { [DONE]?: (() => void) | undefined };

/**
 * Calls `done` once, when the reply is made: its head is written, and what follows is no work of ours. So neither a
 * client that reads slowly nor a stream keeps a place; one that goes away leaves its work behind, which is over when it
 * is answered all the same.
 */
export function onAnswered(res: Response, done: () => void): void {
  (res as Awaited)[DONE] = done;
  // The same two functions for all replies: making them anew for each took 1 % of a join.
  res.writeHead = writeHead as Response['writeHead'];
  // To a client that has gone, no head is written.
  res.end = end as Response['end'];
}

function writeHead(this: Awaited, ...args: Parameters<ServerResponse['writeHead']>): ServerResponse {
  tell(this);
  return ServerResponse.prototype.writeHead.apply(this, args);
}

function end(this: Awaited, ...args: Parameters<ServerResponse['end']>): ServerResponse {
  tell(this);
  return ServerResponse.prototype.end.apply(this, args);
}

function tell(res: Awaited): void {
  const done = res[DONE];
  res[DONE] = undefined;
  done?.();
}
