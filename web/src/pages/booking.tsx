import { useEffect, useRef } from 'preact/hooks';
import { dateTime, money } from '../i18n/format';
import { t } from '../i18n/messages';
import type { Reservation } from '../api/operations';
import { announce } from '../state/announce';
import { asset, bookingOf, pay, refreshAsset, refreshBooking, release, type Booking as Known } from '../state/bookings';
import { secondsUntil } from '../state/clock';
import { timelineOf } from '../state/timelines';
import { useAction } from '../ui/action';
import { Countdown } from '../ui/countdown';
import { Failure } from '../ui/failure';
import { Link } from '../ui/link';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Title } from '../ui/title';
import { ChargeForm } from './charge-form';
import { Money, Steps } from './timeline';

/** A hold whose time is over is asked about again until the server says so, too. */
const SETTLE_POLL_MS = 500;

/** One reservation, from hold to ticket. */
export function Booking({ id }: { id: number }) {
  const { failure, again } = useResource(() => Promise.all([refreshBooking(id), refreshAsset()]));
  const booking = bookingOf(id);
  if (!booking) return failure.value ? <Failure failure={failure.value} retry={again} /> : <Loading />;
  return (
    <section class="booking" data-status={booking.reservation.status}>
      <Shown booking={booking} />
    </section>
  );
}

function Shown({ booking }: { booking: Known }) {
  const { reservation } = booking;
  switch (reservation.status) {
    case 'HELD':
      return <Held booking={booking} />;
    case 'PAID':
      return <Ticket reservation={reservation} />;
    case 'EXPIRED':
      return <Lost reservation={reservation} title={t().booking.expired} text={t().booking.expiredText} />;
    case 'CANCELLED':
      return <Lost reservation={reservation} title={t().booking.cancelled} text={t().booking.cancelledText} />;
  }
}

function Held({ booking }: { booking: Known }) {
  const { reservation, endsAtMs } = booking;
  const over = secondsUntil(endsAtMs) === 0;
  useExpiry(reservation.id, over);
  const payment = useAction(async () => {
    await pay(reservation.id);
    announce(t().booking.paid, { urgent: true });
  });
  const giveBack = useAction(() => release(reservation.id));
  const { totalPrice, currency } = reservation;
  const missing = asset.value ? totalPrice - asset.value.balance : 0;
  const cannotPay = over || missing > 0;
  const price = money(totalPrice, currency);
  const payButton = useFocusWhen(missing <= 0);
  return (
    <>
      <Title text={t().booking.held} />
      <p class="clock">
        <span>{t().booking.countdown}</span>
        <Countdown endsAtMs={endsAtMs} say={t().booking.milestone} />
      </p>
      <About reservation={reservation} />
      <dl class="sums">
        <dt>{t().booking.balance}</dt>
        <dd>{asset.value ? money(asset.value.balance, currency) : '…'}</dd>
        <dt>{t().booking.total}</dt>
        <dd class="total">{price}</dd>
      </dl>
      {missing > 0 ? (
        <>
          <p class="short">{t().booking.short(money(missing, currency))}</p>
          <ChargeForm currency={currency} suggested={missing} />
        </>
      ) : (
        asset.value && <p class="note">{t().booking.after(money(asset.value.balance - totalPrice, currency))}</p>
      )}
      <div class="actions">
        <button
          ref={payButton}
          type="button"
          class="primary large"
          aria-disabled={payment.busy.value || cannotPay}
          onClick={() => cannotPay || payment.run()}
        >
          {payment.busy.value ? t().booking.paying : t().booking.pay(price)}
        </button>
        <button
          type="button"
          class="quiet"
          aria-disabled={payment.busy.value || giveBack.busy.value}
          onClick={() => payment.busy.value || giveBack.run()}
        >
          {t().booking.release}
        </button>
      </div>
      <Failure failure={payment.failure.value} retry={payment.run} />
      <Failure failure={giveBack.failure.value} retry={giveBack.run} />
    </>
  );
}

/** For whoever comes by keyboard: when the form in front of it is done and gone, the focus goes on to this. */
function useFocusWhen(ready: boolean) {
  const element = useRef<HTMLButtonElement>(null);
  const before = useRef(ready);
  useEffect(() => {
    if (ready && !before.current) element.current?.focus();
    before.current = ready;
  }, [ready]);
  return element;
}

/** When the time is over the server decides whether a payment came first: asks until it says so. */
function useExpiry(id: number, over: boolean): void {
  useEffect(() => {
    if (!over) return undefined;
    const ask = () => void refreshBooking(id).catch(() => {}); // asked again soon
    ask();
    const timer = setInterval(ask, SETTLE_POLL_MS);
    return () => {
      clearInterval(timer);
      if (bookingOf(id)?.reservation.status === 'EXPIRED') announce(t().booking.expired, { urgent: true });
    };
  }, [id, over]);
}

function Lost({ reservation, title, text }: { reservation: Reservation; title: string; text: string }) {
  return (
    <>
      <Title text={title} />
      <p class="lead">{text}</p>
      <About reservation={reservation} />
      <Story reservation={reservation} />
      <div class="actions">
        <Link to="/" class="button primary">
          {t().booking.again}
        </Link>
        <Link to="/reservations" class="button">
          {t().booking.all}
        </Link>
      </div>
    </>
  );
}

function Ticket({ reservation }: { reservation: Reservation }) {
  return (
    <>
      <Title text={t().booking.paid} />
      <article class="ticket" aria-label={t().booking.ticket}>
        <About reservation={reservation} />
        <p class="reference">
          <span>{t().booking.reference}</span>
          <strong>{referenceOf(reservation)}</strong>
        </p>
      </article>
      <Story reservation={reservation} />
      <div class="actions">
        <Link to="/" class="button">
          {t().booking.more}
        </Link>
        <Link to="/reservations" class="button">
          {t().booking.all}
        </Link>
      </div>
    </>
  );
}

/** What a fan tells the staff: the reservation and its payment, both of which an operator can look up. */
export function referenceOf({ id, paymentId }: Reservation): string {
  return `R${id}-P${paymentId}`;
}

/** Concert, date, place and seats. */
function About({ reservation }: { reservation: Reservation }) {
  const timeline = timelineOf(reservation);
  return (
    <div class="about">
      {timeline && (
        <>
          <h2>{timeline.concertName}</h2>
          <p>
            <time dateTime={timeline.concertAt}>{dateTime(timeline.concertAt)}</time>
          </p>
          <p>{timeline.place}</p>
        </>
      )}
      <ul class="tickets" aria-label={t().booking.seats}>
        {reservation.tickets.map(({ id, location, price }) => (
          <li key={id}>
            <strong>{location}</strong> <span>{money(price, reservation.currency)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Story({ reservation }: { reservation: Reservation }) {
  const timeline = timelineOf(reservation);
  return (
    <>
      <h2>{t().bookings.timeline}</h2>
      {timeline && <Steps timeline={timeline} />}
      <Money reservation={reservation} timeline={timeline} />
    </>
  );
}
