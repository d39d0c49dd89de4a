import { createMinuteCount, WINDOW_SECONDS } from './minute-count';

/** Counts admissions over the last minute. */
export interface AdmissionRate {
  record(nowMs: number, admissions: number): void;
  /** Admissions per second over the last minute; `undefined` until enough were seen to say anything. */
  perSecond(nowMs: number): number | undefined;
}

/** Fewer than this in a minute is chance, not a rate. */
const ADMISSIONS_MIN = 5;
/** A burst in the first moments must not be read as "so many every second". */
const OBSERVED_SECONDS_MIN = 10;

/** Starts observing at `startMs`; all times are of one monotonic clock. */
export function createAdmissionRate(startMs: number): AdmissionRate {
  const admitted = createMinuteCount(startMs);
  return {
    record: admitted.add,
    perSecond: (nowMs) => {
      const admissions = admitted.total(nowMs);
      if (admissions < ADMISSIONS_MIN) return undefined;
      const observedSeconds = (nowMs - startMs) / 1_000;
      return admissions / Math.min(Math.max(observedSeconds, OBSERVED_SECONDS_MIN), WINDOW_SECONDS);
    },
  };
}
