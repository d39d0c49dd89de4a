import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import { idleBetween, readCpuTime } from '../temporal/idle-share';

/** How often it is looked; the kernel counts the processor's time in ticks of 10 ms. */
const LOOK_MS = 100;
/** A loop that is busy for a larger part of the time keeps everybody waiting for longer than their own work takes. */
const LOOP_BUSY = 0.65;
/** A machine with less idle time keeps its database, its workers and us waiting for each other. */
const IDLE_TOO_LITTLE = 0.15;
/** Back from nothing to everything within a second; from everything to next to nothing in half of one. */
const MORE = 0.1;
const LESS = 0.5;

/** How this process and its machine have been since the last look, as shares of the time. */
export interface Strain {
  loopBusy: number;
  machineIdle: number;
}

/** How much of what can wait may be worked on at once, from 0 to 1. */
export type Ease = () => number;

/**
 * As much as leaves the event loop and the processor free enough for those who cannot wait. Looks when asked, so that an
 * idle process has no timer.
 */
export function createEase(look: () => Strain = createLook(), nowMs: () => number = () => performance.now()): Ease {
  let ease = 1;
  let lookedAtMs = nowMs();
  return () => {
    const looks = (nowMs() - lookedAtMs) / LOOK_MS;
    if (looks < 1) return ease;
    lookedAtMs = nowMs();
    const { loopBusy, machineIdle } = look();
    const strained = loopBusy > LOOP_BUSY || machineIdle < IDLE_TOO_LITTLE;
    ease = strained ? ease * LESS : Math.min(1, ease + MORE * looks);
    return ease;
  };
}

function createLook(): () => Strain {
  let machine = readCpuTime();
  let loop: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(loop);
    loop = performance.eventLoopUtilization();
    const now = readCpuTime();
    const machineIdle = idleBetween(machine, now);
    machine = now;
    return { loopBusy: utilization, machineIdle };
  };
}
