import type { z } from 'zod';
import type { ErrorCode } from '../../errors';

/** Who may call: anybody, a user, a user with any queue token of theirs, one with an ACTIVE token, an admin. */
export type Access = 'open' | 'user' | 'token' | 'guarded' | 'admin';

export interface Success {
  status: 200 | 201 | 204 | 304 | 503;
  description: string;
  /** A zod schema with an id: a component of the document. Absent where the reply has no body. */
  body?: z.ZodType;
  /** For bodies that are not JSON. */
  mediaType?: string;
  /** What a stream is made of, by the name of the event: instead of a body. */
  events?: Readonly<Record<string, StreamEvent>>;
  headers?: readonly string[];
  /** What to call next with something of this reply. */
  links?: readonly Link[];
}

/** A server-sent event: `data` is JSON. */
export interface StreamEvent {
  description: string;
  data: z.ZodType;
}

export interface Link {
  operationId: string;
  /** Parameter or header → runtime expression. */
  parameters?: Record<string, string>;
  requestBody?: Record<string, string | string[]>;
}

/** The groups of operations, and what a newcomer finds in each. */
export const TAGS = {
  Development: 'Identities to try the API with',
  Queue: 'Your turn: a token, your place in line, and leaving',
  Concerts: 'What is on sale; needs an ACTIVE queue token',
  Reservations: 'Seats held for you for a few minutes, then yours once paid',
  Asset: 'Your balance and its ledger',
  Payments: 'Turning a hold into tickets',
  Administration: 'Concerts, dates, seats and queues; needs the role admin',
  Operation: 'For whoever runs the process',
} as const;

/** The same for every stream; part of its description. */
export const STREAM_RULES =
  'A stream of server-sent events that ends after ten minutes at the latest, or when the process stops: ask again after ' +
  '`retry` with the last `id` as `Last-Event-ID`, and only what you do not have is sent. A comment every 15 s keeps the ' +
  'connection open. Who reads slowly gets fewer events, the last one always being true; who reads nothing is cut off. ' +
  'Ten streams of one user are allowed at once (429).';

/** All that the document says about one operation; the routes are held against this table by a test. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/concerts/{id}`. */
  path: string;
  operationId: string;
  tag: keyof typeof TAGS;
  summary: string;
  description: string;
  access: Access;
  query?: z.ZodObject;
  body?: { schema: z.ZodType; required: boolean };
  /** An example for the Idempotency-Key header: this operation is an effect that happens once. */
  idempotencyKey?: string;
  replies: readonly Success[];
  /** Refusals beyond those that access, body, path and key bring with them. */
  refusals: readonly ErrorCode[];
}
