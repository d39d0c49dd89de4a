import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's UNAVAILABLE and DEADLINE_EXCEEDED. */
const AWAY: ReadonlySet<number> = new Set([14, 4]);

/** Whether a call failed because nobody answered: nothing is wrong with what was asked. */
export function isAway(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && AWAY.has(cause.code);
}
