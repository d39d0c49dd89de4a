/** Counts admissions over the last minute, a bucket a second. */
export interface AdmissionRate {
  record(nowMs: number, admissions: number): void;
  /** Admissions per second over the last minute; `undefined` until enough were seen to say anything. */
  perSecond(nowMs: number): number | undefined;
}

const WINDOW_SECONDS = 60;
/** Fewer than this in a minute is chance, not a rate. */
const ADMISSIONS_MIN = 5;
/** A burst in the first moments must not be read as "so many every second". */
const OBSERVED_SECONDS_MIN = 10;

/** Starts observing at `startMs`; all times are of one monotonic clock. */
export function createAdmissionRate(startMs: number): AdmissionRate {
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
    record: (nowMs, admissions) => {
      advance(nowMs);
      counts[second % WINDOW_SECONDS]! += admissions;
    },
    perSecond: (nowMs) => {
      advance(nowMs);
      const admissions = counts.reduce((sum, count) => sum + count, 0);
      if (admissions < ADMISSIONS_MIN) return undefined;
      const observedSeconds = (nowMs - startMs) / 1_000;
      return admissions / Math.min(Math.max(observedSeconds, OBSERVED_SECONDS_MIN), WINDOW_SECONDS);
    },
  };
}
