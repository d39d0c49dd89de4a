import type { ReservationView } from '../../src/contracts/reservation';
import type { Visitor } from './visitor';

const SEATS_MAX = 3;

export async function hold(visitor: Visitor): Promise<void> {
  const { random, sale, seatIds } = visitor;
  const wanted = new Set(Array.from({ length: Math.ceil(random.between(0, SEATS_MAX)) }, () => random.pick(seatIds)));
  const effect = await visitor.effect('hold', { scheduleId: sale.scheduleId, seatIds: [...wanted] });
  if (effect.rowId !== undefined) visitor.reservationIds.push(effect.rowId);
  visitor.seatIds = seatIds.filter((id) => !wanted.has(id));
}

export async function pay(visitor: Visitor): Promise<void> {
  const reservationId = visitor.random.pick(visitor.live);
  const effect = await visitor.effect('payment', { reservationId }, String(reservationId));
  if (effect.rowId === undefined) return;
  visitor.paymentIds.push(effect.rowId);
  await visitor.ask('getPayment', { id: effect.rowId });
}

/** Under another key: the same payment is the answer. */
export async function payAgain(visitor: Visitor): Promise<void> {
  const { payments } = visitor.world.model;
  const paid = visitor.reservationIds.filter((id) => payments.has(id));
  if (paid.length > 0) await visitor.effect('payment', { reservationId: visitor.random.pick(paid) });
}

export async function cancel(visitor: Visitor): Promise<void> {
  const id = visitor.random.pick(visitor.live);
  visitor.world.model.seats.mayEnd(id);
  const reply = await visitor.ask<ReservationView>('cancelReservation', { id });
  if (!reply?.body) return;
  visitor.saw(reply.body);
  visitor.world.journal.succeeded('effect');
}
