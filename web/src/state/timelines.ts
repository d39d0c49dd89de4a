import { effect, signal } from '@preact/signals';
import type { Reservation, ReservationTimeline } from '../api/operations';
import { api, session } from './session';

/** How reservations went, by id and status: what is over does not change any more. */
const known = signal<ReadonlyMap<string, ReservationTimeline>>(new Map());
const asked = new Set<string>();

/** How a reservation in this state went; `undefined` until it is known, which the caller then hears of. */
export function timelineOf({ id, status }: Reservation): ReservationTimeline | undefined {
  const name = `${id} ${status}`;
  if (!asked.has(name)) void ask(name, id);
  return known.value.get(name);
}

async function ask(name: string, id: number): Promise<void> {
  asked.add(name);
  try {
    const timeline = await api.call('getReservationTimeline', { id });
    known.value = new Map(known.value).set(name, timeline);
  } catch {
    asked.delete(name); // whoever shows it next asks again
  }
}

effect(() => {
  void session.value;
  asked.clear();
  known.value = new Map();
});
