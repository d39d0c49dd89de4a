import { signal } from '@preact/signals';

/**
 * The server's clock as its replies tell it, in whole seconds: the largest difference seen is the nearest, because a
 * reply can only be late. The browser's own clock is never asked for the time of day.
 */
const serverAheadMs = signal(Number.NEGATIVE_INFINITY);

/** Milliseconds of the page's own stopwatch; changes four times a second while somebody looks. */
export const nowMs = signal(performance.now());

const TICK_MS = 250;

setInterval(() => {
  if (document.visibilityState === 'visible') nowMs.value = performance.now();
}, TICK_MS);

export function noteServerTime(response: Response): void {
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  if (dateMs) serverAheadMs.value = Math.max(serverAheadMs.peek(), dateMs - performance.now());
}

/** When a moment of the server's comes, by the page's stopwatch. */
export function toStopwatchMs(serverTime: string): number {
  return Date.parse(serverTime) - serverAheadMs.value;
}

/** When something is over of which the server said, just now, how many seconds are left. */
export function deadlineMs(secondsLeft: number): number {
  return performance.now() + secondsLeft * 1_000;
}

/** Whole seconds until `deadline`; 0 when it has passed. A component that calls it counts down. */
export function secondsUntil(deadline: number): number {
  return Math.max(0, Math.ceil((deadline - nowMs.value) / 1_000));
}
