import { idleBetween, readCpuTime, type CpuTime } from './idle-share';

/** How often the processor is looked at; the kernel counts its time in ticks of 10 ms. */
const LOOK_MS = 250;
/** Shares of idle time: above one there is room for more, below the other somebody else is kept waiting. */
export interface Patience {
  idleEnough: number;
  idleTooLittle: number;
}
/** For holds: a rush of them is to be caught up with before they run out. What is left idle is more than what the API takes for strain. */
export const URGENT: Patience = { idleEnough: 0.22, idleTooLittle: 0.17 };
/** For tokens: those that wait only have a turn, and those let in share the rush with those who join. A core that is idle by halves is none to spare, because cores share what they are made of. */
export const PATIENT: Patience = { idleEnough: 0.5, idleTooLittle: 0.35 };
/** Times as fast or slow after each look's time. */
const FASTER = 1.3;
const SLOWER = 0.5;
/** After so many looks' time without a start, how idle the machine was says nothing about the rush that may have begun. */
const LOOKS_MAX = 4;
/** Nothing starves, and a rush may go on for ever. */
const PER_SECOND_MIN = 1;
/** What has a deadline is not kept waiting for a quiet moment. */
export const URGENT_PER_SECOND_MIN = 2;
/** More than a small Temporal server starts (530 a second on 2 cores, 2026-11-23). */
const PER_SECOND_MAX = 500;
const PER_SECOND_FIRST = 50;

/** How many workflows may be started a second without taking the processor from whoever needs it now. */
export interface Pace {
  perSecond(): number;
}

/**
 * Starting a workflow costs Temporal, the worker and the database as much as serving dozens of fans, and it can wait. So
 * the pace takes what is idle on this machine: it grows while there is idle time and shrinks when there is none. Where
 * Temporal has machines of its own, the bounded calls in flight set the pace.
 */
export function createPace(
  { idleEnough, idleTooLittle }: Patience,
  read: () => CpuTime = readCpuTime,
  nowMs: () => number = () => performance.now(),
): Pace {
  let perSecond = PER_SECOND_FIRST;
  let last = { ...read(), atMs: nowMs() };
  return {
    perSecond: () => {
      const looks = (nowMs() - last.atMs) / LOOK_MS;
      if (looks < 1) return perSecond;
      const time = read();
      const share = idleBetween(last, time);
      last = { ...time, atMs: nowMs() };
      if (share > idleEnough) perSecond = Math.min(perSecond * FASTER ** looks, PER_SECOND_MAX);
      if (share < idleTooLittle) perSecond = Math.max(perSecond * SLOWER ** looks, PER_SECOND_MIN);
      if (looks > LOOKS_MAX) perSecond = Math.min(perSecond, PER_SECOND_FIRST);
      return perSecond;
    },
  };
}
