import type { ErrorCode, Problem } from './operations';

/** A code of the API, or what can go wrong before it answers. */
export type FailureCode = ErrorCode | 'no_reply';

/** A call that was refused, or that nobody answered. Whether an effect took place is unknown only if `outcomeUnknown`. */
export class ApiFailure extends Error {
  constructor(
    readonly code: FailureCode,
    /** Absent when nobody answered. */
    readonly problem?: Problem,
    /** What the server asked to wait before trying again. */
    readonly retryAfterMs = 1_000,
  ) {
    super(problem?.detail ?? code);
    this.name = 'ApiFailure';
  }

  /** Asking again may be answered otherwise: also after a fault of the server's, which need not be there next time. */
  get mayPass(): boolean {
    return this.code === 'internal' || (this.problem?.retryable ?? true);
  }

  /** The request may have been carried out all the same: only the same key can tell. */
  get outcomeUnknown(): boolean {
    return (
      this.code === 'no_reply' ||
      this.code === 'unavailable' ||
      this.code === 'internal' ||
      this.code === 'idempotency_in_flight'
    );
  }
}
