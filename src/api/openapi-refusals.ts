import { Problem } from '../contracts/common';
import { ERRORS, type ErrorCode } from '../errors';
import { headerRefs, schemaOf, type Json } from './openapi-parts';
import type { Operation } from './operations/operation';
import { refusalsOf } from './operations/refusals';
import { WITH_RETRY_AFTER } from './problem';

/** What these codes add to the problem document, as in `Refusal.members`. */
const MEMBERS: { readonly [Code in ErrorCode]?: Json } = {
  validation_failed: { errors: [{ pointer: '/seatIds/1', detail: 'is there twice' }] },
  queue_token_waiting: { position: 3 },
  seat_taken: { seatIds: [2] },
  insufficient_balance: { balance: 50_000, required: 198_000 },
};

/** Every refusal of the operation as a response: one per status, with an example for every code. */
export function refusalResponses(operation: Operation): Map<number, Json> {
  const codesByStatus = new Map<number, ErrorCode[]>();
  for (const code of refusalsOf(operation)) {
    const { status } = ERRORS[code];
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  return new Map([...codesByStatus].map(([status, codes]) => [status, refusal(status, codes)]));
}

function refusal(status: number, codes: readonly ErrorCode[]): Json {
  const headers = [
    'X-Request-Id',
    ...(status === 401 ? ['WWW-Authenticate'] : []),
    ...(codes.some((code) => WITH_RETRY_AFTER.has(code)) ? ['Retry-After'] : []),
  ];
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('; '),
    headers: headerRefs(headers),
    content: {
      'application/problem+json': {
        schema: schemaOf(Problem),
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ErrorCode): Json {
  const { status, title, retryable } = ERRORS[code];
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const type = `urn:frontrow:problem:${code}`;
  return { type, title, status, detail: title, code, retryable, traceId, ...MEMBERS[code] };
}
