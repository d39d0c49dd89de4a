import type { QueueState } from '../db/queue-state';
import { createAdmissionRate, type AdmissionRate } from './admission-rate';
import { createMinuteCount, type MinuteCount } from './minute-count';
import { mergeDepartures, type Departed } from './position';

/** What this process knows of one queue: the last state read, who left early, how fast the line moves. */
export interface QueueLine {
  state: QueueState;
  departed: Departed;
  /** The last departure that `departed` takes into account. */
  departureNo: number;
  rate: AdmissionRate;
  traffic: Traffic;
}

/** What went on in the last minute. */
export interface Traffic {
  admitted: MinuteCount;
  /** Left before their turn. */
  departed: MinuteCount;
  /** Were inside and are not any more. */
  finished: MinuteCount;
}

export interface Departure {
  departureNo: number;
  ticketNo: number;
}

/** A queue that was not known before; `departures` are all those still to be passed. `nowMs` is monotonic. */
export function openLine(state: QueueState, departures: readonly Departure[], nowMs: number): QueueLine {
  const traffic = {
    admitted: createMinuteCount(nowMs),
    departed: createMinuteCount(nowMs),
    finished: createMinuteCount(nowMs),
  };
  const line = { state, departed: [], departureNo: state.departureNo, rate: createAdmissionRate(nowMs), traffic };
  return follow(line, state, departures);
}

/** The line after a later reading, with the departures since the one before. */
export function advanceLine(
  line: QueueLine,
  read: QueueState,
  departures: readonly Departure[],
  nowMs: number,
): QueueLine {
  // The line never moves back: this process may have heard of an admission before the reading was made.
  const state = { ...read, servedTicketNo: Math.max(line.state.servedTicketNo, read.servedTicketNo) };
  const admitted = countAdmissions(line.state, read);
  line.traffic.admitted.add(nowMs, admitted);
  line.traffic.departed.add(nowMs, read.departureNo - line.state.departureNo);
  line.traffic.finished.add(nowMs, Math.max(0, line.state.active + admitted - read.active));
  // Only those who had waited say how fast a waiting line moves.
  if (line.state.waiting > 0) line.rate.record(nowMs, admitted);
  return follow(line, state, departures);
}

/** How many, in the minute before `nowMs`; none in a queue that is not known yet. */
export function trafficOf(line: QueueLine | undefined, nowMs: number): Record<keyof Traffic, number> {
  const { admitted, departed, finished } = line?.traffic ?? {};
  return {
    admitted: admitted?.total(nowMs) ?? 0,
    departed: departed?.total(nowMs) ?? 0,
    finished: finished?.total(nowMs) ?? 0,
  };
}

function follow(line: QueueLine, state: QueueState, departures: readonly Departure[]): QueueLine {
  const tickets = departures.map(({ ticketNo }) => ticketNo);
  const lastDepartureNo = departures.at(-1)?.departureNo ?? 0;
  return {
    ...line,
    state,
    departed: mergeDepartures(line.departed, tickets, state.servedTicketNo),
    departureNo: Math.max(line.departureNo, state.departureNo, lastDepartureNo),
  };
}

/** Whoever waited, or came, and neither waits nor left, was let in; by whom, does not matter. */
function countAdmissions(before: QueueState, now: QueueState): number {
  const joined = now.nextTicketNo - before.nextTicketNo;
  const left = now.departureNo - before.departureNo;
  return Math.max(0, before.waiting + joined - left - now.waiting);
}
