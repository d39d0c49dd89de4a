import { Gauge, type Registry } from 'prom-client';
import type { QueueState } from '../db/queue-state';

/** How full every queue is, from what this process read last; costs a scrape nothing. */
export function observeQueues(registry: Registry, states: () => QueueState[]): void {
  const gauge = (name: string, help: string, value: (state: QueueState) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers: [registry],
      collect() {
        this.reset();
        for (const state of states()) this.set({ queue: state.name }, value(state));
      },
    });
  };
  gauge('frontrow_queue_waiting', 'Tokens that wait', (state) => state.waiting);
  gauge('frontrow_queue_active', 'Tokens that are active', (state) => state.active);
  gauge('frontrow_queue_max_active', 'Tokens that may be active at once', (state) => state.maxActive);
  gauge('frontrow_queue_admissible', 'Tokens that could be let in at once', (state) => state.admissible);
}

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
