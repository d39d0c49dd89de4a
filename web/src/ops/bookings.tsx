import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Booking } from '../api/operations';
import { number } from '../i18n/format';
import { announce } from '../state/announce';
import { useAction } from '../ui/action';
import { BookingCard } from './booking-card';
import { Failure } from './failure';
import { Heading } from './heading';
import { o } from './messages';
import { api } from './session';

const KINDS = ['reservation', 'user', 'seat'] as const;
type Kind = (typeof KINDS)[number];
const FIELDS = { reservation: ['reservation'], user: ['user'], seat: ['schedule', 'location'] } as const;
type Field = (typeof FIELDS)[Kind][number];

/** Finds bookings by what a caller can say. The search is part of the address: it can be sent to somebody. */
export function Bookings() {
  const given = new URLSearchParams(location.search);
  const kind = useSignal<Kind>(given.has('user') ? 'user' : given.has('location') ? 'seat' : 'reservation');
  const values = useSignal<Partial<Record<Field, string>>>(Object.fromEntries(given));
  const found = useSignal<Booking[] | undefined>(undefined);
  const search = useAction(async () => {
    const query = Object.fromEntries(FIELDS[kind.value].map((field) => [field, values.value[field]?.trim() ?? '']));
    history.replaceState(null, '', `/ops/bookings?${new URLSearchParams(query).toString()}`);
    found.value = undefined;
    const { items } = await api.call('findBookings', { query });
    found.value = items;
    announce(items.length > 0 ? o().bookings.found(number(items.length)) : o().bookings.none);
  });
  useEffect(() => {
    if (given.size > 0) search.run();
  }, []);
  const texts = o().bookings;
  return (
    <>
      <Heading text={texts.title} />
      <form
        class="card search"
        onSubmit={(event) => {
          event.preventDefault();
          search.run();
        }}
      >
        <label>
          {texts.by}
          <select value={kind.value} onChange={({ currentTarget }) => (kind.value = currentTarget.value as Kind)}>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {texts.kinds[one]}
              </option>
            ))}
          </select>
        </label>
        {FIELDS[kind.value].map((field) => (
          <label key={field}>
            {texts[field]}
            <input
              type="text"
              inputMode={field === 'location' ? 'text' : 'numeric'}
              required
              value={values.value[field] ?? ''}
              onInput={({ currentTarget }) => (values.value = { ...values.value, [field]: currentTarget.value })}
            />
          </label>
        ))}
        <button type="submit" class="primary" aria-disabled={search.busy.value}>
          {texts.find}
        </button>
      </form>
      <Failure failure={search.failure.value} />
      {found.value?.length === 0 && <p>{texts.none}</p>}
      <ul class="cards">
        {found.value?.map((booking) => (
          <li key={booking.reservation.id} class="card" data-reservation={booking.reservation.id}>
            <BookingCard booking={booking} />
          </li>
        ))}
      </ul>
    </>
  );
}
