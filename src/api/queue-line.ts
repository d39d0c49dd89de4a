import type { QueueState } from '../db/queue-state';
import { createAdmissionRate, type AdmissionRate } from './admission-rate';
import { countBelow, mergeDepartures, type Departed } from './position';

/** What this process knows of one queue: the last state read, who left early, how fast the line moves. */
export interface QueueLine {
  state: QueueState;
  departed: Departed;
  /** The last departure that `departed` takes into account. */
  departureNo: number;
  rate: AdmissionRate;
}

export interface Departure {
  departureNo: number;
  ticketNo: number;
}

/** A queue that was not known before; `departures` are all those still to be passed. `nowMs` is monotonic. */
export function openLine(state: QueueState, departures: readonly Departure[], nowMs: number): QueueLine {
  return follow(
    { state, departed: [], departureNo: state.departureNo, rate: createAdmissionRate(nowMs) },
    state,
    departures,
  );
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
  // Only those who had waited say how fast a waiting line moves.
  if (line.state.waiting > 0) line.rate.record(nowMs, countAdmissions(line, state.servedTicketNo, departures));
  return follow(line, state, departures);
}

function follow(line: QueueLine, state: QueueState, departures: readonly Departure[]): QueueLine {
  const tickets = departures.map(({ ticketNo }) => ticketNo);
  const lastDepartureNo = departures.at(-1)?.departureNo ?? 0;
  return {
    state,
    departed: mergeDepartures(line.departed, tickets, state.servedTicketNo),
    departureNo: Math.max(line.departureNo, state.departureNo, lastDepartureNo),
    rate: line.rate,
  };
}

/** Everybody the line has passed was let in or had left. */
function countAdmissions(line: QueueLine, servedTicketNo: number, departures: readonly Departure[]): number {
  const from = line.state.servedTicketNo;
  const tickets = departures.map(({ ticketNo }) => ticketNo);
  const left = countBelow(mergeDepartures(line.departed, tickets, from), servedTicketNo + 1);
  return Math.max(0, servedTicketNo - from - left);
}
