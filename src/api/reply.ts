import type { RequestHandler, Response } from 'express';
import { securityHeaders } from './security-headers';
import { TRACE_HEADER, traceIdOf } from './trace';

/** Names and values in turn, as `writeHead` takes them fastest. */
export type HeaderList = readonly string[];

export const JSON_TYPE = 'application/json; charset=utf-8';

const FIXED: HeaderList = securityHeaders();
/** Almost every reply is one user's at one moment; the few that may be kept say so themselves. */
const NOT_KEPT: HeaderList = ['Cache-Control', 'no-store'];

/**
 * Begins a reply with the headers that all have: security, the trace id, and `no-store` where `headers` do not say
 * otherwise. All in one go: one `setHeader` after the other was a quarter of the work of a poll.
 */
export function beginReply(res: Response, status: number, headers: HeaderList): Response {
  const kept = headers.includes('Cache-Control') ? [] : NOT_KEPT;
  return res.writeHead(status, [...FIXED, TRACE_HEADER, traceIdOf(res), ...kept, ...headers]);
}

/** Answers with text that is ready to be sent. */
export function sendText(
  res: Response,
  status: number,
  type: string,
  text: string | Buffer,
  headers: HeaderList = [],
): void {
  const length = String(Buffer.byteLength(text));
  beginReply(res, status, ['Content-Type', type, 'Content-Length', length, ...headers]).end(text);
}

/** Answers with `body` as JSON. */
export function sendJson(res: Response, status: number, body: unknown, headers?: HeaderList): void {
  sendText(res, status, JSON_TYPE, JSON.stringify(body), headers);
}

/** The same headers for what Express sends: pages and files, which may replace them. */
export function prepareReplies(): RequestHandler {
  return (_req, res, next) => {
    const all = [...FIXED, TRACE_HEADER, traceIdOf(res), ...NOT_KEPT];
    for (let at = 0; at < all.length; at += 2) res.setHeader(all[at] as string, all[at + 1] as string);
    next();
  };
}
