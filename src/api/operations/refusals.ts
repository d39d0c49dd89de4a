import type { ErrorCode } from '../../errors';
import { API } from '../paths';
import type { Access, Operation } from './operation';

const ANY_TOKEN: ErrorCode[] = ['queue_token_required', 'queue_token_unknown', 'queue_token_of_another_user'];

const BY_ACCESS: Record<Access, readonly ErrorCode[]> = {
  open: [],
  user: ['unauthenticated'],
  token: ['unauthenticated', ...ANY_TOKEN],
  guarded: ['unauthenticated', ...ANY_TOKEN, 'queue_token_waiting', 'queue_token_ended'],
  admin: ['unauthenticated', 'forbidden'],
};

const BODY: ErrorCode[] = ['validation_failed', 'payload_too_large', 'unsupported_media_type'];
const KEY: ErrorCode[] = [
  'validation_failed',
  'idempotency_key_required',
  'idempotency_in_flight',
  'idempotency_key_reused',
];

/** Every code that an operation can refuse with: its own, and those of what it asks for. */
export function refusalsOf(operation: Operation): ErrorCode[] {
  const { path, access, query, body, idempotencyKey, refusals } = operation;
  const codes: ErrorCode[] = [
    ...BY_ACCESS[access],
    ...(path.startsWith(API) ? (['rate_limited', 'unavailable'] as const) : []),
    ...(query ? (['validation_failed'] as const) : []),
    ...(body ? BODY : []),
    ...(path.includes('{') ? (['not_found'] as const) : []),
    ...(idempotencyKey ? KEY : []),
    ...refusals,
    'internal',
  ];
  return [...new Set(codes)];
}
