import type { ApiFailure, FailureCode } from '../api/problem';
import { failureText } from '../i18n/failures';
import { t } from '../i18n/messages';
import { joinQueue } from '../state/queue';
import { endSession } from '../state/session';
import { useAction } from './action';
import { Link } from './link';

type Way = 'retry' | 'join' | 'sign-in' | 'concerts' | 'bookings' | 'none';

/** The way out of each failure that trying again is not the answer to. */
const WAYS: Partial<Record<FailureCode, Way>> = {
  unauthenticated: 'sign-in',
  queue_token_required: 'join',
  queue_token_unknown: 'join',
  queue_token_ended: 'join',
  queue_token_of_another_user: 'join',
  queue_token_of_another_queue: 'concerts',
  sales_not_open: 'concerts',
  not_found: 'concerts',
  forbidden: 'none',
  seat_taken: 'none',
  ticket_limit_exceeded: 'none',
  insufficient_balance: 'none',
  validation_failed: 'none',
  reservation_not_payable: 'bookings',
  reservation_not_cancellable: 'bookings',
  hold_expired: 'bookings',
};

interface Props {
  failure: ApiFailure | undefined;
  retry?: () => void;
}

/** Says what went wrong in a sentence, and offers the way out. */
export function Failure({ failure, retry }: Props) {
  const join = useAction(joinQueue);
  if (!failure) return null;
  const way = WAYS[failure.code] ?? 'retry';
  return (
    <div class="failure" role="alert" data-code={failure.code}>
      <p>{failureText(failure.code)}</p>
      {way === 'retry' && retry && (
        <button type="button" onClick={retry}>
          {t().retry}
        </button>
      )}
      {way === 'join' && (
        <button type="button" onClick={join.run}>
          {t().queue.again}
        </button>
      )}
      {way === 'sign-in' && (
        <button type="button" onClick={endSession}>
          {t().signIn.enter}
        </button>
      )}
      {way === 'concerts' && <Link to="/">{t().nav.concerts}</Link>}
      {way === 'bookings' && <Link to="/reservations">{t().nav.bookings}</Link>}
    </div>
  );
}
