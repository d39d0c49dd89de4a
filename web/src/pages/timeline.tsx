import type { Reservation, ReservationTimeline } from '../api/operations';
import { moment, money } from '../i18n/format';
import { t } from '../i18n/messages';

/** Queued, let in, held, and what came of it. */
export function Steps({ timeline }: { timeline: ReservationTimeline }) {
  return (
    <ol class="timeline">
      {timeline.steps.map(({ step, at }) => (
        <li key={step} data-step={step}>
          <span>{t().bookings.steps[step]}</span>
          <time dateTime={at}>{moment(at)}</time>
        </li>
      ))}
    </ol>
  );
}

/** What happened to the money. */
export function Money({
  reservation,
  timeline,
}: {
  reservation: Reservation;
  timeline: ReservationTimeline | undefined;
}) {
  const texts = t().bookings.money;
  const { currency, status } = reservation;
  const payment = timeline?.payment;
  if (status === 'HELD') return <p class="money">{texts.HELD}</p>;
  if (status !== 'PAID') return <p class="money">{texts.none}</p>;
  return payment ? (
    <p class="money">{texts.PAID(money(payment.price, currency), money(payment.balance, currency))}</p>
  ) : null;
}
