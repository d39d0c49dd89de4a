import express, { type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { invalid, Refusal } from '../errors';
import { API } from './paths';

/** A fan's largest body, a hold of many seats, has 2 kB. Every connection may have one of these half sent. */
const SMALL_BYTES_MAX = 8 * 1024;
/** An administrator's largest, 500 seats with long locations, is about 45 kB. */
const LARGE_BYTES_MAX = 64 * 1024;
/** So that half sent large bodies cannot fill the memory; administrators are few. */
const LARGE_AT_ONCE_MAX = 50;
/**
 * A seating plan; one of 8,000 seats has 0.7 to 2 MB. Read and checked, it takes up to fifteen times as much memory: for
 * administrators only, and few at once.
 */
const PLAN_BYTES_MAX = 4 * 1024 * 1024;
const PLANS_AT_ONCE_MAX = 2;
const PLAN_PATH = new RegExp(`^${API}/admin/schedules/[^/]+/plan/?$`, 'i');

/**
 * Reads a JSON body but does not judge it: identity, replay and queue token come first. What is wrong with it is kept
 * in its place and thrown by `parseBody`.
 */
export function readBody(): RequestHandler {
  const parseSmall = parser(SMALL_BYTES_MAX);
  const parseLarge = parser(LARGE_BYTES_MAX);
  let large = 0;
  return (req, res, next) => {
    if (!hasBody(req) || isPlan(req)) return next();
    if (!req.is('application/json')) {
      req.body = notJson();
      return next();
    }
    if (!mayBeLarge(req)) return parseSmall(req, res, next);
    if (large >= LARGE_AT_ONCE_MAX) return next(new Refusal('unavailable', 'Too many large bodies at this moment.'));
    large += 1;
    parseLarge(req, res, () => {
      large -= 1;
      next();
    });
  };
}

/** Its route reads it, once it knows who sends it. */
function isPlan(req: Request): boolean {
  return req.method === 'POST' && PLAN_PATH.test(req.path);
}

/** Reads the body of a request that `readBody` has left alone because it may hold a plan; to be judged like any other. */
export function createPlanReader(): (req: Request, res: Response) => Promise<void> {
  const parse = parser(PLAN_BYTES_MAX);
  let reading = 0;
  return async (req, res) => {
    if (!hasBody(req)) return;
    if (!req.is('application/json')) throw notJson();
    if (reading >= PLANS_AT_ONCE_MAX) throw new Refusal('unavailable', 'Another plan is being imported.');
    reading += 1;
    try {
      await new Promise<void>((resolve) => parse(req, res, resolve));
    } finally {
      reading -= 1;
    }
  };
}

/** Only administrators send much; a body of unknown length may be as large as any. */
function mayBeLarge(req: Request): boolean {
  const length = Number(req.headers['content-length'] ?? LARGE_BYTES_MAX);
  return length > SMALL_BYTES_MAX && req.path.toLowerCase().startsWith(`${API}/admin/`);
}

function parser(bytesMax: number) {
  // Whoever calls it has looked at the type.
  const parse = express.json({ limit: bytesMax, strict: true, type: () => true });
  return (req: Request, res: Response, next: () => void): void => {
    parse(req, res, (error?: unknown) => {
      if (error) req.body = toBodyRefusal(error, bytesMax);
      next();
    });
  };
}

/** The body in the shape of `schema`. Throws the refusal of a body that could not be read, or a `ZodError`. */
export function parseBody<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  return schema.parse(bodyOf(req));
}

/** The body as JSON of any shape. Throws the refusal of a body that could not be read, or is not there. */
export function bodyOf(req: Request): unknown {
  if (req.body instanceof Refusal) throw req.body;
  if (req.body === undefined) throw invalid({ pointer: '', detail: 'a JSON body is required' });
  return req.body;
}

/** As `parseBody`, where a request without a body means `{}`. */
export function parseOptionalBody<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  if (req.body === undefined) return schema.parse({});
  return parseBody(req, schema);
}

function notJson(): Refusal {
  return new Refusal('unsupported_media_type', 'Send the body as application/json.');
}

function hasBody(req: Request): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** body-parser names its errors by `type`; their texts may quote the body and are not passed on. */
function toBodyRefusal(error: unknown, bytesMax: number): Refusal {
  const type = (error as { type?: unknown }).type;
  if (type === 'entity.too.large')
    return new Refusal('payload_too_large', `A body may have ${bytesMax} bytes at the most here.`);
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new Refusal('unsupported_media_type', 'This encoding of the body is not supported; send UTF-8.');
  }
  return invalid({ pointer: '', detail: 'the body is not a JSON object' });
}
