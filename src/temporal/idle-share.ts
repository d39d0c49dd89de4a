import { cpus } from 'node:os';

/** The kernel counts processor time in ticks of 10 ms: a shorter look sees next to nothing. */
const LOOK_MS = 100;
/** A longer one says more about the past than about now. */
const LOOK_MS_MAX = 1_000;

/** Processor time since the machine started, in ms: of all cores, and of that, idle. */
export interface CpuTime {
  total: number;
  idle: number;
}

/** Adds up all cores. */
export function readCpuTime(): CpuTime {
  const sum = { total: 0, idle: 0 };
  for (const { times } of cpus()) {
    sum.idle += times.idle;
    sum.total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return sum;
}

/** The part of the processor's time that was idle between two readings; all of it where none has passed. */
export function idleBetween(before: CpuTime, after: CpuTime): number {
  const passed = after.total - before.total;
  return passed > 0 ? (after.idle - before.idle) / passed : 1;
}

/**
 * How idle this machine has been lately, from 0 to 1. Looks when asked, so that an idle process has no timer; the first
 * look after a rest gives what the last one saw.
 */
export function createIdleShare(): () => number {
  let before = readCpuTime();
  let lookedAtMs = performance.now();
  let share = 1;
  return () => {
    const elapsedMs = performance.now() - lookedAtMs;
    if (elapsedMs < LOOK_MS) return share;
    const now = readCpuTime();
    if (elapsedMs < LOOK_MS_MAX) share = idleBetween(before, now);
    before = now;
    lookedAtMs += elapsedMs;
    return share;
  };
}
