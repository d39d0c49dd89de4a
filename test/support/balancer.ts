import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './http';

/** As a load balancer looks: seldom enough that it is always a little behind. */
const PROBE_MS = 200;

/** Hands out API processes in turn, as far as it knows that they are ready. It retries nothing. */
export interface Balancer {
  next(): { url: string };
  isReady(url: string): boolean;
  stop(): Promise<void>;
}

export async function startBalancer(urls: string[]): Promise<Balancer> {
  const ready = new Set<string>();
  const probe = async (url: string): Promise<void> => {
    const status = await send(url, { method: 'GET', path: '/readyz' }).then(
      (reply) => reply.status,
      () => 0,
    );
    if (status === 200) ready.add(url);
    else ready.delete(url);
  };
  let over = false;
  let turn = 0;
  await Promise.all(urls.map(probe));
  const probing = urls.map(async (url) => {
    for (; !over; await sleep(PROBE_MS)) await probe(url);
  });
  return {
    next: () => {
      const choice = [...ready];
      if (choice.length === 0) throw new Error('no API process is ready');
      turn += 1;
      return { url: choice[turn % choice.length]! };
    },
    isReady: (url) => ready.has(url),
    stop: async () => {
      over = true;
      await Promise.all(probing);
    },
  };
}
