import { API } from '../src/api/paths';
import type { QueueSettingsPatch } from '../src/contracts/queue';
import type { ReservationView } from '../src/contracts/reservation';
import type { Database } from '../src/db/connect';
import { select } from '../src/db/sql';
import type { Fan, Fans, QueuedFan } from './fans';
import type { Load } from './load/load';
import type { Target } from './load/plan';
import { requestText } from './load/request';

/** A date on sale with its seats. */
export interface Hall {
  scheduleId: number;
  seatIds: number[];
}

/** Makes concerts, queues and holds through the API. */
export interface Halls {
  /** A new date of a new concert, sold through `queue`, which is made if there is none. */
  open(name: string, queue: string, seats: number): Promise<Hall>;
  /** Changes settings of the queue, which must be there. */
  setQueue(queue: string, settings: Pick<QueueSettingsPatch, 'maxActive' | 'activeSeconds'>): Promise<void>;
  /** Each fan in turn holds the next two seats, until all of `seatIds` are held. */
  hold(hall: Hall, seatIds: number[], fans: QueuedFan[]): Promise<ReservationView[]>;
}

/** The most that one call of the admin API takes. */
const SEATS_PER_CALL = 500;
const SEAT_PRICE = 10_000;
const DAY_MS = 86_400_000;

export function createHalls(load: Load, api: Target, fans: Fans, db: Database): Halls {
  let admin: Promise<Fan> | undefined;
  const ask = async <Body>(method: 'POST' | 'PATCH', path: string, bodies: unknown[]): Promise<Body[]> => {
    admin ??= fans.makeAdmin();
    const { accessToken } = await admin;
    const requests = bodies.map((body) => requestText({ method, path: `${API}/admin${path}`, accessToken, body }));
    return load.all<Body>(api, requests, [200, 201]);
  };
  const post = async (path: string, body: unknown) =>
    (await ask<{ id: number }>('POST', path, [body]))[0]?.id as number;
  return {
    open: async (name, queue, seats) => {
      const concertId = await post('/concerts', { name, description: 'Made by the bench.', queue });
      const scheduleId = await post(`/concerts/${concertId}/schedules`, onSaleNow());
      await ask('POST', `/schedules/${scheduleId}/seats`, seatBatches(seats));
      return { scheduleId, seatIds: await readSeatIds(db, scheduleId) };
    },
    setQueue: async (queue, settings) => void (await ask('PATCH', `/queues/${queue}`, [settings])),
    hold: async (hall, seatIds, holders) => {
      const requests = holdRequests('preparation', hall, seatIds, holders);
      return load.all<ReservationView>(api, requests, [201]);
    },
  };
}

/** Requests for all of `seatIds`, two at a time, from the fans in turn. */
export function holdRequests(keys: string, { scheduleId }: Hall, seatIds: number[], fans: QueuedFan[]): string[] {
  return Array.from({ length: Math.floor(seatIds.length / 2) }, (_, index) => {
    const { accessToken, queueToken } = fans[index % fans.length] as QueuedFan;
    const body = { scheduleId, seatIds: seatIds.slice(2 * index, 2 * index + 2) };
    const idempotencyKey = `${keys}-${scheduleId}-${index}`;
    return requestText({ method: 'POST', path: `${API}/reservations`, accessToken, queueToken, idempotencyKey, body });
  });
}

/** Times of a date whose sale has begun. */
export function onSaleNow() {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  return {
    place: 'Bench Hall',
    reservationStartAt: inDays(-1),
    reservationEndAt: inDays(30),
    concertAt: inDays(31),
  };
}

/** So many seats of one price, as the calls take them that add them. */
export function seatBatches(count: number) {
  const seats = Array.from({ length: count }, (_, index) => ({ location: `S-${index + 1}`, price: SEAT_PRICE }));
  const batches = Math.ceil(count / SEATS_PER_CALL);
  return Array.from({ length: batches }, (_, index) => ({
    seats: seats.slice(index * SEATS_PER_CALL, (index + 1) * SEATS_PER_CALL),
  }));
}

/** From the table: reading them through the API would take somebody inside the queue. */
async function readSeatIds(db: Database, scheduleId: number): Promise<number[]> {
  const sql = 'SELECT id FROM concert_seat WHERE concert_schedule_id = ? ORDER BY id';
  return (await select<{ id: number }>(db, sql, [scheduleId])).map((seat) => seat.id);
}
