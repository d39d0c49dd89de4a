import type { QueueState } from '../db/queue-state';

/** Near the front a second matters; far back a poll every ten seconds is as good and ten times cheaper. */
const POLL_MIN_MS = 1_000;
const POLL_MAX_MS = 10_000;
/** The longest interval is reached a thousand places back. */
const POLL_PER_PLACE_MS = 9;

/** Ask again after this long: grows with the distance from the front. */
export function pollAfterMs(position: number): number {
  return Math.min(POLL_MIN_MS + position * POLL_PER_PLACE_MS, POLL_MAX_MS);
}

/** For tokens that wait for nothing any more. */
export const POLL_WHEN_SETTLED_MS = POLL_MAX_MS;

/**
 * Seconds until a place is let in, at the admission rate seen lately; where none was seen, at the rate of a full house
 * whose guests all use their whole time. Never faster than the rate limit. `null` while nobody is let in.
 */
export function estimateWaitSeconds(
  state: Pick<QueueState, 'paused' | 'maxActive' | 'activeSeconds' | 'admitPerMinute' | 'admissible'>,
  observedPerSecond: number | undefined,
  position: number,
): number | null {
  if (state.paused || state.maxActive === 0) return null;
  const capacity = observedPerSecond ?? state.maxActive / state.activeSeconds;
  const perSecond = state.admitPerMinute === null ? capacity : Math.min(capacity, state.admitPerMinute / 60);
  return Math.ceil(Math.max(0, position - state.admissible) / perSecond);
}
