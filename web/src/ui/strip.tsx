import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { number } from '../i18n/format';
import { t } from '../i18n/messages';
import { liveHolds } from '../state/bookings';
import { toStopwatchMs } from '../state/clock';
import { leaveQueue, queueToken, stage } from '../state/queue';
import { path } from '../state/router';
import { useAction } from './action';
import { Countdown } from './countdown';
import { Failure } from './failure';
import { Link } from './link';

/** Below the menu: the time left inside, and what waits to be paid. */
export function Strip() {
  const [hold] = liveHolds.value;
  const inside = stage.value === 'inside';
  const expiresAt = queueToken.value?.expiresAt;
  const toPay = hold && path.value !== `/reservations/${hold.reservation.id}` ? hold : undefined;
  if (!inside && !toPay) return null;
  return (
    <div class="strip">
      {inside && expiresAt && (
        <span>
          {t().queue.inside} · {t().queue.left} <Countdown endsAtMs={toStopwatchMs(expiresAt)} />
        </span>
      )}
      {toPay && (
        <Link to={`/reservations/${toPay.reservation.id}`} class="strip-hold">
          {t().booking.held} ({number(toPay.reservation.tickets.length)}) ·{' '}
          <Countdown endsAtMs={toPay.endsAtMs} say={t().booking.milestone} />
        </Link>
      )}
      {inside && <Leave />}
    </div>
  );
}

/** Leaves the queue, after a second thought. */
export function Leave() {
  const asking = useSignal(false);
  const leave = useAction(leaveQueue);
  // One takes the place of the other: the keyboard stays where the question is.
  const stay = useRef<HTMLButtonElement>(null);
  const ask = useRef<HTMLButtonElement>(null);
  const turn = (to: boolean): void => {
    asking.value = to;
    requestAnimationFrame(() => (to ? stay : ask).current?.focus());
  };
  if (!asking.value) {
    return (
      <button ref={ask} type="button" class="quiet" onClick={() => turn(true)}>
        {t().queue.leave}
      </button>
    );
  }
  return (
    <span class="sure" role="group" aria-label={t().queue.leaveSure}>
      <span>{t().queue.leaveSure}</span>
      <button type="button" aria-disabled={leave.busy.value} onClick={leave.run}>
        {t().queue.leaveYes}
      </button>
      <button ref={stay} type="button" class="quiet" onClick={() => turn(false)}>
        {t().queue.leaveNo}
      </button>
      <Failure failure={leave.failure.value} />
    </span>
  );
}
