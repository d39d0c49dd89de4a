import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';

/** W3C Trace Context, version 00 and later: `version-traceid-parentid-flags`. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/** Every reply has it. */
export const TRACE_HEADER = 'X-Request-Id';

/** The trace id of a valid `traceparent`, or a new one. */
export function traceIdFor(req: IncomingMessage): string {
  const given = req.headers.traceparent;
  const traceId = typeof given === 'string' ? TRACEPARENT.exec(given)?.[1] : undefined;
  return traceId ?? randomUUID().replaceAll('-', '');
}

/** The trace id of the request being answered, the same whenever it is asked for: 32 hexadecimal digits. */
export function traceIdOf(res: Response): string {
  const locals = res.locals as { traceId?: string };
  return (locals.traceId ??= traceIdFor(res.req));
}
