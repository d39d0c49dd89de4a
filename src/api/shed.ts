import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, Refusal } from '../errors';
import { PROBLEM_TYPE, problemOf, retryAfterSeconds } from './problem';
import { securityHeaders } from './security-headers';
import { TRACE_HEADER, traceIdFor } from './trace';

export const BUSY = new Refusal('unavailable', 'Too many requests at this moment.');

/** Answers without anything else having looked at the request. */
export type Shed = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * The refusal of whoever finds no room, the same as any other 503 and made beforehand: it has to cost next to nothing,
 * because it is sent most when there is least to spare.
 */
export function createShed(isDraining: () => boolean): Shed {
  const { status } = ERRORS[BUSY.code];
  const mark = '0'.repeat(32);
  const [before, after] = JSON.stringify(problemOf(BUSY, mark)).split(mark) as [string, string];
  const length = String(Buffer.byteLength(before + mark + after));
  const fixed = [
    ...securityHeaders(),
    ...['Cache-Control', 'no-store', 'Content-Type', PROBLEM_TYPE, 'Content-Length', length],
  ];
  return (req, res) => {
    const traceId = traceIdFor(req);
    const own = [TRACE_HEADER, traceId, 'Retry-After', String(retryAfterSeconds(BUSY.code))];
    if (isDraining()) own.push('Connection', 'close');
    res.writeHead(status, [...fixed, ...own]).end(before + traceId + after);
  };
}
