/** A reading is good for this many times as long as it took, so that a slow source is read 5 % of the time. */
const KEEP_FACTOR = 20;
const KEEP_MS_MAX = 10_000;

/** One reading for everybody who asks in the same moment. */
export interface Remembered<Value> {
  read(): Promise<Value>;
  /** Waits for a reading under way. */
  idle(): Promise<void>;
}

/**
 * Keeps what `read` gave for `keepMs`, and longer where reading takes long. A reading that fails is not kept: whoever
 * waits for it gets the error, the next one a new try.
 */
export function createRemembered<Value>(keepMs: number, read: () => Promise<Value>): Remembered<Value> {
  let kept: { value: Promise<Value>; untilMs: number } | undefined;
  const start = (): Promise<Value> => {
    const startedMs = performance.now();
    const reading = { value: read(), untilMs: Number.POSITIVE_INFINITY };
    kept = reading;
    reading.value.then(
      () => {
        const nowMs = performance.now();
        reading.untilMs = nowMs + Math.max(keepMs, Math.min(KEEP_FACTOR * (nowMs - startedMs), KEEP_MS_MAX));
      },
      () => {
        if (kept === reading) kept = undefined;
      },
    );
    return reading.value;
  };
  return {
    read: async () => (kept && performance.now() < kept.untilMs ? kept.value : start()),
    idle: async () => {
      await kept?.value.catch(() => undefined);
    },
  };
}
