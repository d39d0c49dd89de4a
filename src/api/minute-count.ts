/** Counts what happened in the last minute, a bucket a second. All times are of one monotonic clock. */
export interface MinuteCount {
  add(nowMs: number, count: number): void;
  total(nowMs: number): number;
}

export const WINDOW_SECONDS = 60;

export function createMinuteCount(startMs: number): MinuteCount {
  const counts = new Array<number>(WINDOW_SECONDS).fill(0);
  let second = Math.floor(startMs / 1_000);
  const advance = (nowMs: number): void => {
    const target = Math.floor(nowMs / 1_000);
    if (target - second > WINDOW_SECONDS) second = target - WINDOW_SECONDS;
    while (second < target) {
      second += 1;
      counts[second % WINDOW_SECONDS] = 0;
    }
  };
  return {
    add: (nowMs, count) => {
      advance(nowMs);
      counts[second % WINDOW_SECONDS]! += count;
    },
    total: (nowMs) => {
      advance(nowMs);
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
