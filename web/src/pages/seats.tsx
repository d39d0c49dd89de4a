import { useEffect, useMemo } from 'preact/hooks';
import { ApiFailure } from '../api/problem';
import { dateTime, money, number } from '../i18n/format';
import { t } from '../i18n/messages';
import { SeatList } from '../map/seat-list';
import { SeatMap } from '../map/seat-map';
import { hold, liveHolds } from '../state/bookings';
import { navigate } from '../state/router';
import { namesOf } from '../state/choice';
import { openSeatBoard, type SeatBoard } from '../state/seat-board';
import { api, webConfig } from '../state/session';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { Link } from '../ui/link';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Title } from '../ui/title';
import { Legend } from './legend';
import { Together } from './together';

interface Props {
  concertId: number;
  scheduleId: number;
}

/** The seats of a date: look, choose, hold. */
export function Seats({ concertId, scheduleId }: Props) {
  const board = useMemo(() => openSeatBoard(scheduleId), [scheduleId]);
  useEffect(() => () => board.close(), [board]);
  const about = useResource(async (signal) => {
    const [concert, schedules] = await Promise.all([
      api.call('getConcert', { id: concertId }, { signal }),
      api.call('listSchedules', { id: concertId }, { signal }),
    ]);
    return { concert, date: schedules.items.find(({ id }) => id === scheduleId) };
  });
  const { concert, date } = about.value.value ?? {};
  const layout = board.layout.value;
  return (
    <section class="seats-page">
      <p class="crumbs">
        <Link to="/">{t().concerts.title}</Link> / <Link to={`/concerts/${concertId}`}>{concert?.name ?? '…'}</Link>
      </p>
      <Title text={concert?.name ?? t().seats.title} />
      <p class="lead">
        {date && (
          <>
            <time dateTime={date.concertAt}>{dateTime(date.concertAt)}</time> · {date.place} ·{' '}
          </>
        )}
        <span data-free={board.free.value.size}>{t().seats.free(number(board.free.value.size))}</span>
      </p>
      <Failure failure={board.failure.value ?? about.failure.value} retry={board.again} />
      {!layout ? (
        !board.failure.value && <Loading />
      ) : (
        <div class="seats-columns">
          <div>
            {board.free.value.size === 0 && <p class="notice">{t().seats.soldOut}</p>}
            <SeatMap board={board} layout={layout} />
            <Legend layout={layout} />
            <SeatList board={board} layout={layout} />
          </div>
          <aside>
            <Together board={board} layout={layout} />
            <Choice board={board} scheduleId={scheduleId} />
          </aside>
        </div>
      )}
    </section>
  );
}

/** What is chosen, what it costs, and the way on. */
function Choice({ board, scheduleId }: { board: SeatBoard; scheduleId: number }) {
  const chosen = board.chosen.value;
  const holding = useAction(async () => {
    const seatIds = chosen.map(({ id }) => id);
    try {
      const held = await hold(scheduleId, seatIds);
      navigate(`/reservations/${held.id}`);
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'seat_taken') {
        board.taken((error.problem?.seatIds as number[] | undefined) ?? []);
        board.again();
      }
      throw error;
    }
  });
  const { currency } = webConfig.value!;
  const total = chosen.reduce((sum, { price }) => sum + price, 0);
  return (
    <section class="panel choice" aria-labelledby="choice">
      <h2 id="choice">{t().seats.selected}</h2>
      <Notices board={board} scheduleId={scheduleId} />
      {chosen.length === 0 ? (
        <p class="note">{t().seats.none}</p>
      ) : (
        <>
          <ul class="chosen-list">
            {chosen.map((seat) => (
              <li key={seat.id}>
                <strong>{seat.location}</strong>
                <span>{money(seat.price, currency)}</span>
                <button
                  type="button"
                  class="quiet"
                  aria-label={t().seats.remove(seat.location)}
                  onClick={() => board.toggle(seat)}
                >
                  ×
                </button>
              </li>
            ))}
          </ul>
          <p class="sum">
            {t().seats.total} <strong>{money(total, currency)}</strong>
          </p>
        </>
      )}
      <button
        type="button"
        class="primary large"
        aria-disabled={chosen.length === 0 || holding.busy.value}
        onClick={() => chosen.length === 0 || holding.run()}
      >
        {holding.busy.value
          ? t().seats.holding
          : chosen.length === 0
            ? t().seats.holdNone
            : t().seats.hold(number(chosen.length))}
      </button>
      <Failure failure={holding.failure.value} retry={holding.run} />
    </section>
  );
}

function Notices({ board, scheduleId }: { board: SeatBoard; scheduleId: number }) {
  const here = liveHolds.value.find(({ reservation }) => reservation.scheduleId === scheduleId);
  return (
    <>
      {here && (
        <p class="notice">
          {t().seats.heldHere} <Link to={`/reservations/${here.reservation.id}`}>{t().booking.held}</Link>
        </p>
      )}
      {board.lost.value.length > 0 && (
        <p class="notice lost" role="alert">
          {t().seats.justTaken(namesOf(board.lost.value))}
        </p>
      )}
      {board.atLimit.value && (
        <p class="notice" role="alert">
          {t().seats.limit(number(board.limit.value))}
        </p>
      )}
    </>
  );
}
