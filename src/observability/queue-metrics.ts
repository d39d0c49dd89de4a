import { Counter, Gauge, type Registry } from 'prom-client';
import type { QueueState } from '../db/queue-state';

/** How full every queue is, from what this process read last; costs a scrape nothing. */
export function observeQueues(registry: Registry, states: () => QueueState[]): void {
  const options = (name: string, help: string) => ({ name, help, labelNames: ['queue'], registers: [registry] });
  const gauge = (name: string, help: string, value: (state: QueueState) => number): void => {
    new Gauge({
      ...options(name, help),
      collect() {
        this.reset();
        for (const state of states()) this.set({ queue: state.name }, value(state));
      },
    });
  };
  /** Counted by the rows: every process says the same, and none begins anew. */
  const counter = (name: string, help: string, value: (state: QueueState) => number): void => {
    new Counter({
      ...options(name, help),
      collect() {
        this.reset();
        for (const state of states()) this.inc({ queue: state.name }, value(state));
      },
    });
  };
  gauge('frontrow_queue_waiting', 'Tokens that wait', (state) => state.waiting);
  gauge('frontrow_queue_active', 'Tokens that are active', (state) => state.active);
  gauge('frontrow_queue_max_active', 'Tokens that may be active at once', (state) => state.maxActive);
  gauge('frontrow_queue_admissible', 'Tokens that could be let in at once', (state) => state.admissible);
  gauge('frontrow_queue_paused', '1 while nobody is let in on purpose', (state) => Number(state.paused));
  counter('frontrow_queue_issued_total', 'Tokens issued', issued);
  counter('frontrow_queue_departed_total', 'Tokens that left before their turn', (state) => state.departureNo);
  counter('frontrow_queue_admitted_total', 'Tokens let in', admitted);
}

const issued = (state: QueueState): number => state.nextTicketNo - 1;

/** Ticket numbers have no gaps: whoever neither waits nor left was let in. */
const admitted = (state: QueueState): number => issued(state) - state.waiting - state.departureNo;

/** The calls to Temporal that this process makes after a commit. */
export function observeStarter(registry: Registry, stats: () => { pending: number; dropped: number }): void {
  new Gauge({
    name: 'frontrow_starter_calls',
    help: 'Calls to Temporal: pending now, and dropped since the start: the dispatcher makes the starts, timers replace the signals',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { pending, dropped } = stats();
      this.set({ state: 'pending' }, pending);
      this.set({ state: 'dropped' }, dropped);
    },
  });
}
