import { useEffect, useRef } from 'preact/hooks';
import { number } from '../i18n/format';
import { t } from '../i18n/messages';
import { announce } from '../state/announce';
import { queueToken, stage } from '../state/queue';
import { Leave } from '../ui/strip';
import { Title } from '../ui/title';
import { waitRange } from './wait-range';

/** A screen reader hears of a new place, but not of every one. */
const ANNOUNCE_EVERY_MS = 15_000;

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
      <p class="note">{t().queue.keep}</p>
      <Leave />
    </section>
  );
}
