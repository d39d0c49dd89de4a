import { useSignal } from '@preact/signals';
import type { Reservation } from '../api/operations';
import { dateTime, money } from '../i18n/format';
import { t } from '../i18n/messages';
import { bookingOf, remember } from '../state/bookings';
import { api } from '../state/session';
import { timelineOf } from '../state/timelines';
import { useAction } from '../ui/action';
import { Countdown } from '../ui/countdown';
import { Failure } from '../ui/failure';
import { Link } from '../ui/link';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Title } from '../ui/title';
import { referenceOf } from './booking';
import { Money, Steps } from './timeline';

/** Everything the fan has held or bought, newest first, and how each went. */
export function Bookings() {
  const ids = useSignal<number[]>([]);
  const cursor = useSignal<string | null>(null);
  const read = async (from?: string) => {
    const page = await api.call('listReservations', from ? { query: { cursor: from } } : {});
    remember(...page.items);
    ids.value = [...(from ? ids.peek() : []), ...page.items.map(({ id }) => id)];
    cursor.value = page.nextCursor;
    return true;
  };
  const first = useResource(() => read());
  const older = useAction(async () => {
    await read(cursor.value!);
  });
  return (
    <section class="narrow">
      <Title text={t().bookings.title} />
      <Failure failure={first.failure.value ?? older.failure.value} retry={first.again} />
      {!first.value.value && !first.failure.value && <Loading />}
      {first.value.value && ids.value.length === 0 && <p>{t().bookings.none}</p>}
      <ul class="bookings">
        {ids.value.map((id) => (
          <Item key={id} id={id} />
        ))}
      </ul>
      {cursor.value && (
        <button type="button" onClick={older.run}>
          {t().bookings.older}
        </button>
      )}
    </section>
  );
}

function Item({ id }: { id: number }) {
  const booking = bookingOf(id);
  if (!booking) return null;
  const { reservation, endsAtMs } = booking;
  const timeline = timelineOf(reservation);
  const { status, tickets, totalPrice, currency } = reservation;
  return (
    <li class="card" data-status={status}>
      <p class="status">
        {t().bookings.status[status]}
        {status === 'HELD' && (
          <>
            {' · '}
            <Countdown endsAtMs={endsAtMs} />
          </>
        )}
        {status === 'PAID' && <span class="reference"> {referenceOf(reservation)}</span>}
      </p>
      <h2>
        <Link to={`/reservations/${id}`}>{timeline?.concertName ?? seatsOf(reservation)}</Link>
      </h2>
      {timeline && (
        <p>
          <time dateTime={timeline.concertAt}>{dateTime(timeline.concertAt)}</time> · {timeline.place}
        </p>
      )}
      <p>
        {tickets.map(({ location }) => location).join(', ')} · {money(totalPrice, currency)}
      </p>
      {timeline && (
        <details>
          <summary>{t().bookings.timeline}</summary>
          <Steps timeline={timeline} />
        </details>
      )}
      <Money reservation={reservation} timeline={timeline} />
    </li>
  );
}

const seatsOf = ({ tickets }: Reservation): string => tickets.map(({ location }) => location).join(', ');
