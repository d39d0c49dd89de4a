import { dateTime, number } from '../i18n/format';
import { t } from '../i18n/messages';
import { api } from '../state/session';
import { Failure } from '../ui/failure';
import { Link } from '../ui/link';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Title } from '../ui/title';

/** The dates of a concert that can be booked. */
export function Dates({ concertId }: { concertId: number }) {
  const { value, failure, again } = useResource(async (signal) => {
    const [concert, schedules] = await Promise.all([
      api.call('getConcert', { id: concertId }, { signal }),
      api.call('listSchedules', { id: concertId }, { signal }),
    ]);
    return { concert, dates: schedules.items };
  });
  const loaded = value.value;
  if (!loaded) return failure.value ? <Failure failure={failure.value} retry={again} /> : <Loading />;
  const { concert, dates } = loaded;
  return (
    <section>
      <p class="crumbs">
        <Link to="/">{t().concerts.title}</Link>
      </p>
      <Title text={concert.name} />
      <p class="lead">{concert.description}</p>
      <h2>{t().dates.title}</h2>
      {dates.length === 0 && <p>{t().dates.none}</p>}
      <ul class="cards">
        {dates.map(({ id, place, concertAt, availableSeats, reservationEndAt }) => (
          <li key={id} class="card date">
            <h3>
              <time dateTime={concertAt}>{dateTime(concertAt)}</time>
            </h3>
            <p>{place}</p>
            <p class={availableSeats === 0 ? 'sold-out' : 'free'}>
              {availableSeats === 0 ? t().dates.soldOut : t().dates.free(number(availableSeats))}
            </p>
            <p class="note">{t().dates.saleUntil(dateTime(reservationEndAt))}</p>
            <Link to={`/concerts/${concertId}/schedules/${id}`} class="button">
              {t().dates.choose}
              <span class="visually-hidden">: {dateTime(concertAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
