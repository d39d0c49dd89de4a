import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Problem } from '../contracts/common';
import { ERRORS, invalid, Refusal, type ErrorCode } from '../errors';
import { toFaults } from '../faults';
import { sendText, type HeaderList } from './reply';
import { traceIdOf } from './trace';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
/** What is in the way (a commit, a restart, a full pool) is usually gone after this. */
const RETRY_AFTER_SECONDS = 1;
/** Everybody who was refused in the same moment is sent back spread over this time. */
const RETRY_AFTER_SPREAD_SECONDS = 3;
/** Refusals that say when to try again. */
export const WITH_RETRY_AFTER: ReadonlySet<ErrorCode> = new Set([
  'idempotency_in_flight',
  'rate_limited',
  'unavailable',
]);

/** Driver errors that mean "the database cannot answer now", as opposed to "this statement is wrong". */
const DATABASE_UNAVAILABLE: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_QUERY_INTERRUPTED',
  'ER_SERVER_SHUTDOWN',
  'ER_CLIENT_INTERACTION_TIMEOUT',
]);

/** The error as a refusal a client may see: what we do not know is `internal` and keeps its text to itself. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof z.ZodError) return invalid(...toFaults(error));
  // Express could not decode a path segment such as `%zz`: nothing can be there.
  if (error instanceof URIError) return new Refusal('not_found', 'There is nothing at this address.');
  if (isDatabaseUnavailable(error)) return new Refusal('unavailable', 'The database cannot answer right now.');
  return new Refusal('internal', 'The cause was logged under this trace id.');
}

function isDatabaseUnavailable(error: unknown): boolean {
  const { name, code, fatal } = (error ?? {}) as { name?: unknown; code?: unknown; fatal?: unknown };
  return name === 'KnexTimeoutError' || fatal === true || DATABASE_UNAVAILABLE.has(code);
}

/** The RFC 9457 document of a refusal. */
export function problemOf(refusal: Refusal, traceId: string): Problem {
  const { status, title, retryable } = ERRORS[refusal.code];
  return {
    type: `urn:frontrow:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    retryable,
    traceId,
    ...refusal.members,
  };
}

/** When to try again after one of `WITH_RETRY_AFTER`. */
export function retryAfterSeconds(code: ErrorCode): number {
  const spread = code === 'unavailable' ? RETRY_AFTER_SPREAD_SECONDS : 1;
  return RETRY_AFTER_SECONDS + Math.floor(Math.random() * spread);
}

/** Answers with an RFC 9457 document and the headers that belong to its code. */
export function sendProblem(res: Response, refusal: Refusal, headers: HeaderList = []): void {
  const { status } = ERRORS[refusal.code];
  const own = [...headers];
  if (WITH_RETRY_AFTER.has(refusal.code) && !res.hasHeader('Retry-After')) {
    own.push('Retry-After', String(retryAfterSeconds(refusal.code)));
  }
  if (status === 401) own.push('WWW-Authenticate', challenge(refusal.code));
  res.locals.refusedWith = refusal.code;
  sendText(res, status, PROBLEM_TYPE, JSON.stringify(problemOf(refusal, traceIdOf(res))), own);
}

/** RFC 9110, 11.6.1: every 401 says what would be accepted. */
function challenge(code: ErrorCode): string {
  return code === 'unauthenticated' ? 'Bearer realm="frontrow"' : 'QueueToken realm="frontrow", header="X-Queue-Token"';
}

/** The last handler: every error becomes a problem document; our own faults are logged, once, with their trace id. */
export function problems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const refusal = toRefusal(error);
    const about = { err: error, traceId: traceIdOf(res), method: req.method, route: req.route?.path };
    if (refusal.code === 'internal') logger.error(about, 'request failed');
    else if (refusal.code === 'unavailable') logger.warn(about, 'request answered 503');
    else logger.debug({ traceId: about.traceId, code: refusal.code }, 'request refused');
    sendProblem(res, refusal);
  };
}
