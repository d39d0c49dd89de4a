import { API } from '../../src/api/paths';
import type { QueueTokenView } from '../../src/contracts/queue';
import type { ReservationView } from '../../src/contracts/reservation';
import type { Fan } from '../fans';
import type { Hall } from '../halls';
import type { Connection } from '../load/connection';
import { requestText, type RequestText } from '../load/request';

/** A fan's whole way: a token, the seats, a hold of two, the payment. Gives the ms of each step; throws at any refusal. */
export async function travel(connection: Connection, fan: Fan, hall: Hall, at: number): Promise<Record<Step, number>> {
  const { accessToken } = fan;
  const { scheduleId } = hall;
  const ms: Partial<Record<Step, number>> = {};
  const ask = async <Body>(step: Step, expected: number, request: RequestText): Promise<Body> => {
    const sentMs = performance.now();
    const reply = await connection.exchange(Buffer.from(requestText({ accessToken, ...request })));
    ms[step] = performance.now() - sentMs;
    if (reply.status !== expected) throw new Error(`${step}: ${reply.status} ${reply.body.toString()}`);
    return JSON.parse(reply.body.toString()) as Body;
  };
  const join = { method: 'POST', path: `${API}/queue/tokens`, body: { queue: JOURNEYS_QUEUE } } as const;
  const { token: queueToken } = await ask<QueueTokenView>('token', 201, join);
  await ask('seats', 200, { method: 'GET', path: `${API}/schedules/${scheduleId}/seats`, queueToken });
  const seatIds = hall.seatIds.slice(2 * at, 2 * at + 2);
  const write = (path: string, body: unknown): RequestText => ({
    method: 'POST',
    path: `${API}${path}`,
    queueToken,
    idempotencyKey: `journey-${path}-${fan.userId}`,
    body,
  });
  const { id } = await ask<ReservationView>('hold', 201, write('/reservations', { scheduleId, seatIds }));
  await ask('payment', 201, write('/payments', { reservationId: id }));
  return ms as Record<Step, number>;
}

export const JOURNEYS_QUEUE = 'journeys';
export const STEPS = ['token', 'seats', 'hold', 'payment'] as const;
export type Step = (typeof STEPS)[number];
