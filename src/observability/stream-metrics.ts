import { Gauge, type Registry } from 'prom-client';

/** How many event streams of each kind are open. */
export function observeStreams<Kind extends string>(
  registry: Registry,
  kinds: readonly Kind[],
  count: (kind: Kind) => number,
): void {
  new Gauge({
    name: 'frontrow_event_streams',
    help: 'Streams that are open: token = places in line and their ends, seats = the seats of a date',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const kind of kinds) this.set({ kind }, count(kind));
    },
  });
}
