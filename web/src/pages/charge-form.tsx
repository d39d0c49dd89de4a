import { useSignal } from '@preact/signals';
import { money } from '../i18n/format';
import { t } from '../i18n/messages';
import { announce } from '../state/announce';
import { asset, charge, forgetCharge, unconfirmedCharge } from '../state/bookings';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';

/** The API's own bound of one charge. */
const AMOUNT_MAX = 1_000_000_000;
/** Suggestions are round. */
const ROUND_TO = 10_000;
/** Where nothing is to be paid. */
const AMOUNT_DEFAULT = 100_000;

interface Props {
  currency: string;
  /** What is missing, if something is. */
  suggested?: number;
}

/** Adds to the balance. */
export function ChargeForm({ currency, suggested = AMOUNT_DEFAULT }: Props) {
  const text = useSignal(String(Math.ceil(suggested / ROUND_TO) * ROUND_TO));
  const done = useSignal('');
  const amount = Number(text.value);
  const valid = /^\d+$/.test(text.value) && amount >= 1 && amount <= AMOUNT_MAX;
  const adding = useAction(async () => {
    done.value = '';
    await charge(amount);
    done.value = t().charge.done(money(asset.value?.balance ?? amount, currency));
    announce(done.value);
  });
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (valid) adding.run();
  };
  return (
    <form class="charge" onSubmit={onSubmit}>
      <h2>{t().charge.title}</h2>
      <Unconfirmed currency={currency} />
      <label>
        {t().charge.amount}
        <input
          inputMode="numeric"
          autocomplete="off"
          value={text.value}
          aria-invalid={!valid}
          aria-describedby={valid ? undefined : 'charge-wrong'}
          onInput={({ currentTarget }) => (text.value = currentTarget.value.trim())}
        />
      </label>
      {!valid && (
        <p id="charge-wrong" class="wrong">
          {t().charge.wrong(money(AMOUNT_MAX, currency))}
        </p>
      )}
      <button type="submit" class="primary" disabled={!valid} aria-disabled={adding.busy.value}>
        {adding.busy.value
          ? t().charge.charging
          : valid
            ? t().charge.charge(money(amount, currency))
            : t().charge.submit}
      </button>
      {done.value && <p class="done">{done.value}</p>}
      <Failure failure={adding.failure.value} retry={adding.run} />
    </form>
  );
}

/** A charge of an earlier visit whose reply was lost: not asked for again before its owner says so. */
function Unconfirmed({ currency }: { currency: string }) {
  const amount = unconfirmedCharge.value;
  const again = useAction(() => charge(amount!));
  if (amount === undefined) return null;
  return (
    <div class="failure" role="alert">
      <p>{t().charge.unconfirmed(money(amount, currency))}</p>
      <button type="button" aria-disabled={again.busy.value} onClick={again.run}>
        {t().charge.askAgain}
      </button>
      <button type="button" class="quiet" onClick={forgetCharge}>
        {t().charge.forget}
      </button>
      <Failure failure={again.failure.value} />
    </div>
  );
}
