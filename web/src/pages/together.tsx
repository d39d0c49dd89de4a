import { useSignal } from '@preact/signals';
import { money, number } from '../i18n/format';
import { t } from '../i18n/messages';
import type { Layout } from '../map/layout';
import { bestTogether } from '../map/together';
import { announce } from '../state/announce';
import { namesOf } from '../state/choice';
import type { SeatBoard } from '../state/seat-board';
import { webConfig } from '../state/session';

interface Props {
  board: SeatBoard;
  layout: Layout;
}

const COUNT_DEFAULT = 2;

/** Suggests the best free seats side by side. */
export function Together({ board, layout }: Props) {
  const limit = board.limit.value;
  const wanted = useSignal(COUNT_DEFAULT);
  const price = useSignal<number | undefined>(undefined);
  const none = useSignal(0);
  const count = Math.min(wanted.value, limit);
  const prices = [...new Set(layout.seats.map((seat) => seat.price))].sort((one, other) => other - one);
  const suggest = () => {
    const free = board.free.value;
    const isGood = (seat: { id: number; price: number }) =>
      free.has(seat.id) && (price.value === undefined || seat.price === price.value);
    const found = bestTogether(layout, count, isGood);
    none.value = found ? 0 : count;
    if (!found) return;
    board.choose(found);
    announce(t().seats.suggested(namesOf(found)));
  };
  return (
    <section class="panel together" aria-labelledby="together">
      <h2 id="together">{t().seats.together}</h2>
      <div class="fields">
        <label>
          {t().seats.count}
          <select value={count} onChange={({ currentTarget }) => (wanted.value = Number(currentTarget.value))}>
            {Array.from({ length: limit }, (_, index) => (
              <option key={index} value={index + 1}>
                {number(index + 1)}
              </option>
            ))}
          </select>
        </label>
        {prices.length > 1 && (
          <label>
            {t().seats.price}
            <select
              value={price.value ?? ''}
              onChange={({ currentTarget }) => (price.value = Number(currentTarget.value) || undefined)}
            >
              <option value="">{t().seats.anyPrice}</option>
              {prices.map((one) => (
                <option key={one} value={one}>
                  {money(one, webConfig.value!.currency)}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" disabled={limit === 0} onClick={suggest}>
          {t().seats.suggest}
        </button>
      </div>
      {none.value > 0 && (
        <p class="notice" role="status">
          {t().seats.noTogether(number(none.value))}
        </p>
      )}
    </section>
  );
}
