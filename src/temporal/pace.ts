/** What counts as normal is learned anew this often: the server may move to another machine. */
const WINDOW_MS = 600_000;
/** A call slower than the quickest by less than this tells nothing: equal calls differ as much. */
const SLOWNESS_OK = 1.6;
/** Of the time that a call took more than the quickest, the rest is this many times as long. */
const YIELD_FACTOR = 4;
/** After this the server is asked again, however slow it was. */
const REST_MS_MAX = 500;

/** Says how long to leave a busy server alone. */
export interface Pace {
  /** To be told how long a call took; gives the rest to take before the next, in ms; 0 where the server is at ease. */
  restMs(callMs: number): number;
}

/**
 * A start is quick when nobody else asks for the processor, and slow in a rush; how slow, depends on the machine. So
 * each call is compared with the quickest of the last minutes: one that takes three times as long is followed by a rest
 * of eight quickest ones. Nothing starves, and whoever shares the machine with the server gets most of it.
 */
export function createPace(nowMs: () => number = () => performance.now()): Pace {
  let windowEndsMs = nowMs() + WINDOW_MS;
  let quickestBefore = Infinity;
  let quickest = Infinity;
  return {
    restMs: (callMs) => {
      if (nowMs() > windowEndsMs) {
        windowEndsMs = nowMs() + WINDOW_MS;
        [quickestBefore, quickest] = [quickest, Infinity];
      }
      quickest = Math.min(quickest, callMs);
      const normalMs = Math.min(quickest, quickestBefore);
      return callMs <= normalMs * SLOWNESS_OK ? 0 : Math.min((callMs - normalMs) * YIELD_FACTOR, REST_MS_MAX);
    },
  };
}
