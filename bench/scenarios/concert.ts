import { API } from '../../src/api/paths';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import type { Bench } from '../bench';
import type { QueuedFan } from '../fans';
import { requestText } from '../load/request';
import type { Scenario } from '../rounds';

const SEATS = 50;
const GOAL = 0.4;

/** Every request is another fan's with another token than the one before: each is guarded anew. */
export const seats: Scenario = {
  key: 'seats',
  name: `Guarded seat list, ${SEATS} seats`,
  goal: GOAL,
  expected: [200],
  prepare: async (bench) => {
    const path = await openHall(bench);
    const fans = await bench.fans.crowd();
    return { requests: fans.map((fan) => requestText({ method: 'GET', path, ...fan })), cycle: true };
  },
};

export const seatsUnchanged: Scenario = {
  key: 'seats-304',
  name: 'Guarded seat list, unchanged (304)',
  goal: GOAL,
  expected: [304],
  prepare: async (bench) => {
    const path = await openHall(bench);
    const fans = await bench.fans.crowd();
    const etag = await readTag(`${bench.system.url}${path}`, fans[0] as QueuedFan);
    return { requests: fans.map((fan) => requestText({ method: 'GET', path, ...fan, etag })), cycle: true };
  },
};

async function openHall(bench: Bench): Promise<string> {
  const { scheduleId } = await bench.halls.open('Seats', QUEUE_DEFAULT, SEATS);
  return `${API}/schedules/${scheduleId}/seats`;
}

async function readTag(url: string, { accessToken, queueToken }: QueuedFan): Promise<string> {
  const headers = { Authorization: `Bearer ${accessToken}`, 'X-Queue-Token': queueToken };
  const tag = (await fetch(url, { headers })).headers.get('etag');
  if (!tag) throw new Error('the seat list has no ETag');
  return tag;
}
