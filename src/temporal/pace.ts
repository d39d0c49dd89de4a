import { idleBetween, readCpuTime, type CpuTime } from './idle-share';

/** How often the processor is looked at; the kernel counts its time in ticks of 10 ms. */
const LOOK_MS = 250;
/** The share of the processor's time that starts leave idle. For holds: a rush of them is to be caught up with before they run out; it is more than what the API takes for strain. */
export const URGENT = 0.2;
/** For tokens: those that wait only have a turn, and those let in share the rush with those who join. A core that is idle by halves is none to spare, because cores share what they are made of. */
export const PATIENT = 0.55;
/**
 * By how much, as a natural logarithm, the pace changes in each look's time: the further from what is to be left, the
 * more. Far from it, it slows more than it speeds up, for whoever needs the processor now; so looks that are rough leave
 * more idle than is meant.
 */
const GAIN = 2.5;
const FASTER_MAX = 0.26;
const SLOWER_MAX = 0.69;
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
 * the pace takes what is idle on this machine but for the share `leaveIdle`. Where Temporal has machines of its own, the
 * bounded calls in flight set the pace.
 */
export function createPace(
  leaveIdle: number,
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
      const change = clamp(GAIN * (share - leaveIdle), -SLOWER_MAX, FASTER_MAX);
      perSecond = clamp(perSecond * Math.exp(change * looks), PER_SECOND_MIN, PER_SECOND_MAX);
      if (looks > LOOKS_MAX) perSecond = Math.min(perSecond, PER_SECOND_FIRST);
      return perSecond;
    },
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
