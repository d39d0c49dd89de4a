import type { AssetView } from '../../src/contracts/asset';
import type { SeatMapView } from '../../src/contracts/concert';
import type { ReservationView } from '../../src/contracts/reservation';
import type { Visitor } from './visitor';

/** Fans want the seats in front: so many of the free ones come into question. */
const IN_FRONT = 12;

export async function readSeats(visitor: Visitor): Promise<void> {
  const { sale, world } = visitor;
  const sentMs = Date.now();
  const reply = await visitor.look<SeatMapView>('listSeats', { id: sale.scheduleId });
  if (!reply?.body) return;
  const free = reply.body.seats.filter((seat) => seat.available).map((seat) => seat.id);
  for (const id of free) world.model.seats.offered(id, Date.parse(reply.body.asOf), sentMs);
  visitor.seatIds = free.slice(0, IN_FRONT);
}

export async function readConcert(visitor: Visitor): Promise<void> {
  const id = visitor.sale.concertId;
  const operationId = visitor.random.pick(['listConcerts', 'getConcert', 'listSchedules']);
  await visitor.look(operationId, operationId === 'listConcerts' ? {} : { id });
}

export async function readAsset(visitor: Visitor): Promise<void> {
  const { fan, random, world } = visitor;
  if (random.chance(0.3)) await visitor.ask('listAssetEntries');
  const reply = await visitor.ask<AssetView>('getAsset');
  if (reply?.body) world.model.money.saw(fan.userId, reply.body.balance);
}

export async function readReservations(visitor: Visitor): Promise<void> {
  const { random, reservationIds } = visitor;
  if (reservationIds.length > 0 && random.chance(0.6)) {
    const reply = await visitor.ask<ReservationView>('getReservation', { id: random.pick(reservationIds) });
    if (reply?.body) visitor.saw(reply.body);
    return;
  }
  const reply = await visitor.ask<{ items: ReservationView[] }>('listReservations', { query: { limit: 100 } });
  if (!reply?.body) return;
  for (const view of reply.body.items) visitor.saw(view);
  const shown = new Set(reply.body.items.map((view) => view.id));
  const missing = reservationIds.filter((id) => !shown.has(id));
  if (missing.length > 0) visitor.world.model.violate('lost', `reservations ${missing.join()} are not listed`);
}
