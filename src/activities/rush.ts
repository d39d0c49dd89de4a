import { setTimeout as delay } from 'node:timers/promises';
import { createIdleShare } from '../temporal/idle-share';

/** A rush is over when no payment has been decided for so long. */
const QUIET_MS = 400;
/** Nobody is in anybody's way where more of the processor's time than this is idle. */
const IDLE_ENOUGH = 0.5;
/** Well within the activity's time-out. */
const YIELD_MS_MAX = 2_000;
/** Who has waited for so long waits for nobody: a rush without end must not put it off for ever. */
const AGE_MS_MAX = 60_000;
const LOOK_MS = 50;

/** Lets payments that wait for their decision pass before the closings of those already decided. */
export interface Rush {
  /** A payment is decided now. */
  paying(): void;
  /** Resolves when closing takes nothing from a payment, or has waited long enough: `ageMs` since its payment. */
  over(ageMs: number): Promise<void>;
}

/**
 * Of one process: a closing costs as much processor time as a decision, and nobody waits for it. `idleShare` is that of
 * the machine.
 */
export function createRush(
  idleShare: () => number = createIdleShare(),
  nowMs: () => number = () => performance.now(),
  rest: (ms: number) => Promise<unknown> = delay,
): Rush {
  let decidedAtMs = Number.NEGATIVE_INFINITY;
  return {
    paying: () => void (decidedAtMs = nowMs()),
    over: async (ageMs) => {
      if (ageMs > AGE_MS_MAX) return;
      const untilMs = nowMs() + YIELD_MS_MAX;
      while (nowMs() < untilMs && nowMs() - decidedAtMs < QUIET_MS && idleShare() < IDLE_ENOUGH) await rest(LOOK_MS);
    },
  };
}
