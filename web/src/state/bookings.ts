import { computed, effect, signal } from '@preact/signals';
import type { Asset, Reservation } from '../api/operations';
import { forget, once, unfinished } from '../api/once';
import { ApiFailure } from '../api/problem';
import { deadlineMs, secondsUntil } from './clock';
import { refreshPlace } from './queue';
import { api, session } from './session';

/** A reservation and, by the page's stopwatch, when its hold ends. */
export interface Booking {
  reservation: Reservation;
  endsAtMs: number;
}

/** Those this page has seen, by id. */
const seen = signal<ReadonlyMap<number, Booking>>(new Map());
export const asset = signal<Asset | undefined>(undefined);

let holdsBefore: readonly Booking[] = [];

/** Seats that are held now, the hold that ends first in front. The same list while it has the same holds. */
export const liveHolds = computed((): readonly Booking[] => {
  const holds = [...seen.value.values()]
    .filter(({ reservation, endsAtMs }) => reservation.status === 'HELD' && secondsUntil(endsAtMs) > 0)
    .sort((one, other) => one.endsAtMs - other.endsAtMs);
  const isSame = holds.length === holdsBefore.length && holds.every((hold, index) => hold === holdsBefore[index]);
  // The clock ticks four times a second: whoever looks at the holds must not be woken by that.
  if (!isSame) holdsBefore = holds;
  return holdsBefore;
});

export const bookingOf = (id: number): Booking | undefined => seen.value.get(id);

export function remember(...reservations: Reservation[]): void {
  const next = new Map(seen.value);
  for (const reservation of reservations) {
    next.set(reservation.id, { reservation, endsAtMs: deadlineMs(reservation.expiresInSeconds) });
  }
  seen.value = next;
}

export async function refreshBooking(id: number): Promise<void> {
  remember(await api.call('getReservation', { id }));
}

export async function refreshAsset(): Promise<void> {
  asset.value = await api.call('getAsset', {});
}

/** Holds seats, all or none. */
export async function hold(scheduleId: number, seatIds: number[]): Promise<Reservation> {
  const body = { scheduleId, seatIds };
  const held = await once('hold', body, (same, key) => api.call('holdSeats', { body: same }, { key }));
  remember(held);
  void refreshPlace().catch(() => {}); // a hold extends the token
  return held;
}

export async function release(id: number): Promise<void> {
  remember(await api.call('cancelReservation', { id }));
}

export async function pay(reservationId: number): Promise<void> {
  const name = `pay-${reservationId}`;
  const payment = await once(name, { reservationId }, (body, key) =>
    api.call('payReservation', { body }, { key }),
  ).catch(async (error: unknown) => {
    // What was shown was wrong: somebody spends from another device.
    if (error instanceof ApiFailure && error.code === 'insufficient_balance') await refreshAsset();
    throw error;
  });
  if (asset.value) asset.value = { ...asset.value, balance: payment.balance };
  await refreshBooking(reservationId);
  void refreshPlace().catch(() => {}); // the last payment uses the token up
}

export async function charge(amount: number): Promise<void> {
  const charged = await once('charge', { amount }, (body, key) => api.call('chargeAsset', { body }, { key })).catch(
    (error: unknown) => {
      if (!unfinished('charge')) unconfirmedCharge.value = undefined;
      throw error;
    },
  );
  if (asset.value) asset.value = { ...asset.value, balance: charged.balance };
  unconfirmedCharge.value = undefined;
}

/** A reload in the middle of a charge: it is asked for again without another word. Later, whoever sent it is asked first. */
const RESUMED_MS = 120_000;

/** What was to be charged a while ago, and nobody knows whether it was. */
export const unconfirmedCharge = signal<number | undefined>(undefined);

export function forgetCharge(): void {
  forget('charge');
  unconfirmedCharge.value = undefined;
}

async function load(): Promise<void> {
  const [page] = await Promise.all([api.call('listReservations', {}), refreshAsset()]);
  remember(...page.items);
}

async function resumeCharge(): Promise<void> {
  const lost = unfinished<{ amount: number }>('charge');
  unconfirmedCharge.value = lost && lost.ageMs >= RESUMED_MS ? lost.body.amount : undefined;
  if (!lost || lost.ageMs >= RESUMED_MS) return;
  await charge(lost.body.amount);
  await refreshAsset();
}

/** Whoever signs in sees what is held and what there is to spend. */
effect(() => {
  const signedInAs = session.value;
  seen.value = new Map();
  asset.value = undefined;
  if (!signedInAs) return;
  // The pages that need them ask themselves, and show what is wrong.
  void load().catch(() => {});
  void resumeCharge().catch(() => {});
});

// A machine that slept has stopped the page's stopwatch: the server says what is left of a hold.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && liveHolds.peek().length > 0) void load().catch(() => {});
});
