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
  headers?: readonly string[];
  /** What to call next with something of this reply. */
  links?: readonly Link[];
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
