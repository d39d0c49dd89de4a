/** Every refusal a client can meet: HTTP status, title, and whether the same request may succeed later unchanged. */
export const ERRORS = {
  validation_failed: { status: 400, title: 'The request is not valid', retryable: false },
  idempotency_key_required: { status: 400, title: 'An Idempotency-Key header is required', retryable: false },
  unauthenticated: { status: 401, title: 'A valid bearer token is required', retryable: false },
  queue_token_required: { status: 401, title: 'A queue token is required', retryable: false },
  queue_token_unknown: { status: 401, title: 'This queue token is not known', retryable: false },
  insufficient_balance: { status: 402, title: 'The balance does not cover the price', retryable: false },
  forbidden: { status: 403, title: 'Not allowed', retryable: false },
  queue_token_waiting: { status: 403, title: 'It is not your turn yet', retryable: true },
  queue_token_ended: { status: 403, title: 'This queue token has ended', retryable: false },
  queue_token_of_another_user: { status: 403, title: 'This queue token belongs to another user', retryable: false },
  queue_token_of_another_queue: { status: 403, title: 'This queue token is for another queue', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'This method is not supported here', retryable: false },
  seat_taken: { status: 409, title: 'A seat is already taken', retryable: false },
  seat_contended: { status: 409, title: 'Somebody else is taking a seat right now', retryable: true },
  schedule_has_seats: { status: 409, title: 'This date has seats already', retryable: false },
  sales_not_open: { status: 409, title: 'This date is not on sale now', retryable: false },
  reservation_not_payable: { status: 409, title: 'This reservation cannot be paid', retryable: false },
  reservation_not_cancellable: { status: 409, title: 'This reservation cannot be cancelled', retryable: false },
  ticket_limit_exceeded: { status: 409, title: 'More tickets than one user may have', retryable: false },
  idempotency_in_flight: { status: 409, title: 'A request with this key is still under way', retryable: true },
  hold_expired: { status: 410, title: 'The hold has expired', retryable: false },
  payload_too_large: { status: 413, title: 'The request body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The request body must be application/json', retryable: false },
  idempotency_key_reused: { status: 422, title: 'This key was used for another request', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  internal: { status: 500, title: 'Something went wrong on our side', retryable: false },
  unavailable: { status: 503, title: 'Temporarily unavailable', retryable: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** A fault in one input field: an RFC 6901 pointer and what would be right. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

/** A request that is answered "no". It changed nothing: thrown inside a transaction, it rolls it back. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    /** Members added to the problem document, such as `seatIds`, `position` or `errors`. */
    readonly members: Record<string, unknown> = {},
    /** For the log only. */
    cause?: unknown,
  ) {
    const { stackTraceLimit } = Error;
    // An answer, not a fault, and seldom logged: to note the stack took 2 % of a refusal (2026-11-27).
    if (ERRORS[code].status < 500) Error.stackTraceLimit = 0;
    super(detail, { cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Refusal';
  }
}

/** The refusal of a malformed request: 400 with a pointer for every fault. */
export function invalid(...errors: FieldFault[]): Refusal {
  return new Refusal('validation_failed', errors.map((fault) => fault.detail).join('; '), { errors });
}
