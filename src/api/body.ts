import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { invalid, Refusal } from '../errors';

/** The largest legitimate body, 500 seats with long locations, is about 45 kB. */
const BODY_LIMIT = '64kb';

/**
 * Reads a JSON body but does not judge it: identity, replay and queue token come first. What is wrong with it is kept
 * in its place and thrown by `parseBody`.
 */
export function readBody(): RequestHandler {
  const parse = express.json({ limit: BODY_LIMIT, strict: true, type: 'application/json' });
  return (req, res, next) => {
    if (!hasBody(req)) return next();
    if (!req.is('application/json')) {
      req.body = new Refusal('unsupported_media_type', 'Send the body as application/json.');
      return next();
    }
    parse(req, res, (error?: unknown) => {
      if (error) req.body = toBodyRefusal(error);
      next();
    });
  };
}

/** The body in the shape of `schema`. Throws the refusal of a body that could not be read, or a `ZodError`. */
export function parseBody<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  if (req.body instanceof Refusal) throw req.body;
  if (req.body === undefined) throw invalid({ pointer: '', detail: 'a JSON body is required' });
  return schema.parse(req.body);
}

/** As `parseBody`, where a request without a body means `{}`. */
export function parseOptionalBody<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  if (req.body === undefined) return schema.parse({});
  return parseBody(req, schema);
}

function hasBody(req: Request): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** body-parser names its errors by `type`; their texts may quote the body and are not passed on. */
function toBodyRefusal(error: unknown): Refusal {
  const type = (error as { type?: unknown }).type;
  if (type === 'entity.too.large')
    return new Refusal('payload_too_large', `A body may have ${BODY_LIMIT} at the most.`);
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new Refusal('unsupported_media_type', 'This encoding of the body is not supported; send UTF-8.');
  }
  return invalid({ pointer: '', detail: 'the body is not a JSON object' });
}
