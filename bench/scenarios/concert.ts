import { API } from '../../src/api/paths';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import type { Bench } from '../bench';
import type { QueuedFan } from '../fans';
import { requestText } from '../load/request';
import type { Scenario } from '../rounds';

const SEATS = 50;

/** Every request is another fan's with another token than the one before: each is guarded anew. */
export const seats: Scenario = seatList('seats', SEATS, 0.75);
export const seatsOfHall: Scenario = seatList('seats-1000', 1_000, 0.35);

export function seatList(key: string, count: number, goal?: number): Scenario {
  return {
    key,
    name: `Guarded seat list, ${count.toLocaleString('en')} seats`,
    goal,
    expected: [200],
    prepare: async (bench) => {
      const path = await openHall(bench, count);
      const fans = await bench.fans.crowd();
      return { requests: fans.map((fan) => requestText({ method: 'GET', path, gzip: true, ...fan })), cycle: true };
    },
  };
}

export const seatsUnchanged: Scenario = {
  key: 'seats-304',
  name: 'Guarded seat list, unchanged (304)',
  goal: 0.75,
  expected: [304],
  prepare: async (bench) => {
    const path = await openHall(bench, SEATS);
    const fans = await bench.fans.crowd();
    const etag = await readTag(`${bench.system.url}${path}`, fans[0] as QueuedFan);
    return { requests: fans.map((fan) => requestText({ method: 'GET', path, ...fan, etag })), cycle: true };
  },
};

async function openHall(bench: Bench, count: number): Promise<string> {
  const { scheduleId } = await bench.halls.open('Seats', QUEUE_DEFAULT, count);
  return `${API}/schedules/${scheduleId}/seats`;
}

async function readTag(url: string, { accessToken, queueToken }: QueuedFan): Promise<string> {
  const headers = { Authorization: `Bearer ${accessToken}`, 'X-Queue-Token': queueToken };
  const tag = (await fetch(url, { headers })).headers.get('etag');
  if (!tag) throw new Error('the seat list has no ETag');
  return tag;
}
