import type { Booking } from '../api/operations';
import { dateTime, moment, money } from '../i18n/format';
import { o } from './messages';
import { bookingQuery, userQuery, workflowsAddress } from './temporal';

/** What a booking is, what happened to it, and what money moved. */
export function BookingCard({ booking }: { booking: Booking }) {
  const texts = o().bookings;
  const { reservation, timeline, userId, queueTokenId } = booking;
  const { id, status, tickets, totalPrice, currency } = reservation;
  return (
    <>
      <div class="card-head">
        <h2>{texts.booking(id)}</h2>
        <span class={`badge ${status}`}>{texts.statuses[status]}</span>
      </div>
      <p>
        {timeline.concertName}, {timeline.place}, {dateTime(timeline.concertAt)}
      </p>
      <dl class="facts">
        <div class="figure">
          <dt>{texts.seats}</dt>
          <dd>{tickets.map(({ location }) => location).join(', ')}</dd>
        </div>
        <div class="figure">
          <dt>{texts.price}</dt>
          <dd>{money(totalPrice, currency)}</dd>
        </div>
        <div class="figure">
          <dt>{texts.user}</dt>
          <dd>{userId}</dd>
        </div>
      </dl>
      <h3>{texts.timeline}</h3>
      <ol class="timeline">
        {timeline.steps.map(({ step, at }) => (
          <li key={step} data-step={step}>
            <span>{texts.steps[step]}</span>
            <time dateTime={at}>{moment(at)}</time>
          </li>
        ))}
      </ol>
      <h3>{texts.money}</h3>
      <Movements booking={booking} />
      <Away text={texts.workflows} query={bookingQuery(id, queueTokenId)} />
      <Away text={texts.userWorkflows} query={userQuery(userId)} />
    </>
  );
}

function Movements({ booking: { money: movements, reservation } }: { booking: Booking }) {
  const texts = o().bookings;
  if (movements.length === 0) return <p>{texts.noMoney}</p>;
  return (
    <ul>
      {movements.map(({ entryId, kind, amount, at }) => (
        <li key={entryId}>
          {texts.kindsOfMoney[kind]} <strong>{money(amount, reservation.currency)}</strong> ·{' '}
          <time dateTime={at}>{moment(at)}</time>
        </li>
      ))}
    </ul>
  );
}

/** To Temporal's Web UI, where it is known. */
function Away({ text, query }: { text: string; query: string }) {
  const address = workflowsAddress(query);
  return address ? (
    <p class="away">
      <a href={address} target="_blank" rel="noreferrer">
        {text}
      </a>
    </p>
  ) : null;
}
