import { useEffect, useRef } from 'preact/hooks';
import { number } from '../i18n/format';
import { t } from '../i18n/messages';
import { announce } from '../state/announce';
import { queueToken, stage } from '../state/queue';
import { api } from '../state/session';
import { useResource } from '../ui/resource';
import { Leave } from '../ui/strip';
import { Title } from '../ui/title';
import { waitRange } from './wait-range';

/** A screen reader hears of a new place, but not of every one. */
const ANNOUNCE_EVERY_MS = 15_000;

/** Seats go faster than places move, but nobody can do anything about it yet. */
const SALE_EVERY_MS = 10_000;

/** The place in the queue. Whoever is let in goes on by themselves: the gate shows the page they came for. */
export function WaitingRoom() {
  const token = queueToken.value!;
  const first = useRef(token.position);
  const announcedAtMs = useRef(performance.now());
  useEffect(() => {
    if (performance.now() - announcedAtMs.current < ANNOUNCE_EVERY_MS) return;
    announcedAtMs.current = performance.now();
    announce(t().queue.moved(number(token.position)));
  }, [token.position]);
  useEffect(
    () => () => {
      if (stage.peek() === 'inside') announce(t().queue.admitted, { urgent: true });
    },
    [],
  );
  const passed = Math.max(0, first.current - token.position);
  return (
    <section class="panel centred waiting" data-status="WAITING">
      <Title text={t().queue.waitingTitle} />
      <p class="place">{t().queue.position(number(token.position))}</p>
      <p class="ahead">{token.ahead === 0 ? t().queue.next : t().queue.ahead(number(token.ahead))}</p>
      <progress aria-label={t().queue.progress} max={first.current} value={passed} />
      <p class="estimate">
        {token.estimatedWaitSeconds === null ? (
          t().queue.paused
        ) : (
          <>
            {t().queue.estimate(waitRange(token.estimatedWaitSeconds))}
            <small>{t().queue.estimateNote}</small>
          </>
        )}
      </p>
      <OnSale />
      <p class="note">{t().queue.keep}</p>
      <Leave />
    </section>
  );
}

/** How many seats are left of what one is waiting for. */
function OnSale() {
  const sale = useResource((signal) => api.call('getQueueSale', {}, { signal }));
  useEffect(() => {
    const timer = setInterval(sale.again, SALE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const items = sale.value.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <ul class="on-sale">
      {items.map(({ concertId, name, availableSeats }) => (
        <li key={concertId}>
          <span>{name}</span>
          <span class={availableSeats === 0 ? 'sold-out' : 'free'}>
            {availableSeats === 0 ? t().dates.soldOut : t().dates.free(number(availableSeats))}
          </span>
        </li>
      ))}
    </ul>
  );
}
