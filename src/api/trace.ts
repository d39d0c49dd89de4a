import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';

/** W3C Trace Context, version 00 and later: `version-traceid-parentid-flags`. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

export const TRACE_HEADER = 'X-Request-Id';

/** Gives every reply `X-Request-Id`: the trace id of a valid `traceparent`, or a new one. */
export function trace(): RequestHandler {
  return (req, res, next) => {
    res.setHeader(TRACE_HEADER, traceIdFor(req));
    // Almost every reply is one user's at one moment; the few that may be kept say so themselves.
    res.setHeader('Cache-Control', 'no-store');
    next();
  };
}

/** The trace id of a valid `traceparent`, or a new one. */
export function traceIdFor(req: IncomingMessage): string {
  const given = req.headers.traceparent;
  const traceId = typeof given === 'string' ? TRACEPARENT.exec(given)?.[1] : undefined;
  return traceId ?? randomUUID().replaceAll('-', '');
}

/** The trace id of the request being answered: 32 hexadecimal digits. */
export function traceIdOf(res: Response): string {
  return String(res.getHeader(TRACE_HEADER));
}
