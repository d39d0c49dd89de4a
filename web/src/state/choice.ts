import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { t } from '../i18n/messages';
import type { PlacedSeat } from '../map/layout';
import { announce } from './announce';
import { liveHolds } from './bookings';
import { webConfig } from './session';

/** The seats of a date that a fan has chosen, up to the limit. */
export type Choice = ReturnType<typeof createChoice>;

export function createChoice(scheduleId: number, free: ReadonlySignal<ReadonlySet<number>>) {
  const chosen = signal<readonly PlacedSeat[]>([]);
  /** Chosen seats that somebody else took first. */
  const lost = signal<readonly PlacedSeat[]>([]);
  const atLimit = signal(false);
  /** Held by this fan already. */
  const mine = computed(
    () =>
      new Set(
        liveHolds.value
          .filter(({ reservation }) => reservation.scheduleId === scheduleId)
          .flatMap(({ reservation }) => reservation.tickets.map(({ seatId }) => seatId)),
      ),
  );
  const limit = computed(() => Math.max(0, webConfig.value!.maxTickets - mine.value.size));
  const choose = (seats: readonly PlacedSeat[]): void => {
    lost.value = [];
    atLimit.value = false;
    chosen.value = seats;
  };
  return {
    chosen,
    lost,
    atLimit,
    mine,
    limit,
    choose,
    /** Chooses a seat, or lets it go again. */
    toggle: (seat: PlacedSeat): void => {
      const before = chosen.value;
      if (before.includes(seat)) choose(before.filter((one) => one !== seat));
      else if (!free.value.has(seat.id)) return;
      else if (before.length < limit.value) choose([...before, seat]);
      else atLimit.value = true;
    },
    /** Takes out of the choice what is not free any more, and says whose doing it was. */
    letGo: (): void => {
      const gone = chosen.value.filter(({ id }) => !free.value.has(id));
      if (gone.length === 0) return;
      chosen.value = chosen.value.filter(({ id }) => free.value.has(id));
      const others = gone.filter(({ id }) => !mine.value.has(id));
      if (others.length === 0) return;
      lost.value = others;
      announce(t().seats.justTaken(namesOf(others)), { urgent: true });
    },
  };
}

export const namesOf = (seats: readonly { location: string }[]): string =>
  seats.map(({ location }) => location).join(', ');
