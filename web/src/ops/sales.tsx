import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Sale } from '../api/operations';
import { dateTime, moment, money, number } from '../i18n/format';
import { Columns, Shares, Sparkline, Stacks } from './charts';
import { Failure } from './failure';
import { o } from './messages';
import { soldTrace } from './overview';
import { useResource } from './resource';
import { api } from './session';

/** The overview has no more dates than this. */
const DATES_MAX = 20;

interface Props {
  sales: readonly Sale[];
  currency: string;
  asOf: string;
}

export function Sales({ sales, currency, asOf }: Props) {
  return (
    <section aria-labelledby="sales">
      <h2 id="sales">{o().sales.title}</h2>
      {sales.length === 0 && <p>{o().sales.none}</p>}
      {sales.length >= DATES_MAX && <p class="note">{o().sales.atMost(number(DATES_MAX))}</p>}
      <ul class="cards">
        {sales.map((sale) => (
          <li key={sale.scheduleId} class="card" data-schedule={sale.scheduleId}>
            <SaleNow sale={sale} currency={currency} asOf={asOf} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SaleNow({ sale, currency, asOf }: { sale: Sale; currency: string; asOf: string }) {
  const texts = o().sales;
  const { scheduleId, free, held, sold } = sale;
  const state = asOf < sale.reservationStartAt ? 'notYet' : asOf < sale.reservationEndAt ? 'onSale' : 'over';
  const trace = soldTrace(scheduleId);
  const lately = sold - (trace[0] ?? sold);
  return (
    <>
      <div class="card-head">
        <h3>{sale.concert}</h3>
        <span class={`badge ${state}`}>{texts[state]}</span>
      </div>
      <p class="note">
        {dateTime(sale.concertAt)} · {sale.place} · {o().concerts.date(scheduleId)}
      </p>
      <Shares
        parts={[
          { name: 'sold', value: sold },
          { name: 'held', value: held },
          { name: 'free', value: free },
        ]}
        label={texts.shares(number(free), number(held), number(sold))}
      />
      <dl class="facts">
        <Share name="sold" value={sold} />
        <Share name="held" value={held} />
        <Share name="free" value={free} />
        <div class="figure">
          <dt>{texts.revenue}</dt>
          <dd>{money(sale.revenue, currency)}</dd>
        </div>
      </dl>
      {lately > 0 && <Sparkline values={trace.map((value) => value - trace[0]!)} label={texts.trace(number(lately))} />}
      <History scheduleId={scheduleId} currency={currency} />
    </>
  );
}

function Share({ name, value }: { name: 'sold' | 'held' | 'free'; value: number }) {
  return (
    <div class="figure">
      <dt>
        <span class={`key ${name}`} />
        {o().sales[name]}
      </dt>
      <dd>{number(value)}</dd>
    </div>
  );
}

const PERIODS = ['10', '60', '3600', '86400'] as const;
const HISTORY_AGAIN_MS = 10_000;

interface HistoryProps {
  scheduleId: number;
  currency: string;
}

function History(props: HistoryProps) {
  const open = useSignal(false);
  return (
    <details onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>{o().sales.history}</summary>
      {open.value && <HistoryChart {...props} />}
    </details>
  );
}

function HistoryChart({ scheduleId, currency }: HistoryProps) {
  const texts = o().sales;
  const bucketSeconds = useSignal<(typeof PERIODS)[number]>('60');
  const history = useResource((signal) =>
    api.call('getSales', { id: scheduleId, query: { bucketSeconds: bucketSeconds.value } }, { signal }),
  );
  useEffect(() => {
    const timer = setInterval(history.again, HISTORY_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const { seats, items } = history.value.value ?? { seats: 0, items: [] };
  const total = (key: 'sold' | 'revenue') => items.reduce((sum, item) => sum + item[key], 0);
  return (
    <div class="history">
      <label>
        {texts.period}
        <select
          value={bucketSeconds.value}
          onChange={({ currentTarget }) => (bucketSeconds.value = currentTarget.value as (typeof PERIODS)[number])}
        >
          {PERIODS.map((period) => (
            <option key={period} value={period}>
              {texts.periods[Number(period)]}
            </option>
          ))}
        </select>
      </label>
      <Failure failure={history.failure.value} retry={history.again} />
      {items.length > 0 && (
        <>
          <Columns
            columns={items.map(({ from, sold, revenue }) => ({
              value: sold,
              title: texts.column(moment(from), number(sold), money(revenue, currency)),
            }))}
            label={texts.historyLabel(number(total('sold')), money(total('revenue'), currency))}
          />
          <p class="note">{texts.historyLabel(number(total('sold')), money(total('revenue'), currency))}</p>
          <Stacks
            stacks={items.map(({ from, held, free }) => ({
              parts: [
                { name: 'sold', value: seats - held - free },
                { name: 'held', value: held },
                { name: 'free', value: free },
              ],
              title: `${moment(from)}: ${texts.shares(number(free), number(held), number(seats - held - free))}`,
            }))}
            label={`${texts.course}: ${texts.fromTo(number(items[0]!.free), number(items.at(-1)!.free))}`}
          />
          <p class="note">
            {texts.course}: {texts.fromTo(number(items[0]!.free), number(items.at(-1)!.free))}
          </p>
        </>
      )}
    </div>
  );
}
