import { useSignal } from '@preact/signals';
import type { AssetEntry } from '../api/operations';
import { moment, money } from '../i18n/format';
import { t } from '../i18n/messages';
import { asset, refreshAsset } from '../state/bookings';
import { api } from '../state/session';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Title } from '../ui/title';
import { ChargeForm } from './charge-form';

/** The balance, a way to add to it, and every movement. */
export function Balance() {
  const entries = useSignal<AssetEntry[]>([]);
  const cursor = useSignal<string | null>(null);
  const read = async (from?: string) => {
    const page = await api.call('listAssetEntries', from ? { query: { cursor: from } } : {});
    entries.value = [...(from ? entries.peek() : []), ...page.items];
    cursor.value = page.nextCursor;
  };
  const first = useResource(async () => {
    void asset.value?.balance; // a charge is a new movement
    await Promise.all([read(), asset.peek() ? undefined : refreshAsset()]);
  });
  const older = useAction(() => read(cursor.value!));
  if (!asset.value)
    return first.failure.value ? <Failure failure={first.failure.value} retry={first.again} /> : <Loading />;
  const { balance, currency } = asset.value;
  return (
    <section class="narrow">
      <Title text={t().balance.title} />
      <p class="amount">{money(balance, currency)}</p>
      <ChargeForm currency={currency} />
      <h2 id="entries">{t().balance.entries}</h2>
      <Failure failure={first.failure.value ?? older.failure.value} retry={first.again} />
      {entries.value.length === 0 ? <p>{t().balance.none}</p> : <Entries items={entries.value} currency={currency} />}
      {cursor.value && (
        <button type="button" onClick={older.run}>
          {t().balance.older}
        </button>
      )}
    </section>
  );
}

function Entries({ items, currency }: { items: AssetEntry[]; currency: string }) {
  return (
    <table class="entries" aria-labelledby="entries">
      <thead>
        <tr>
          <th scope="col">{t().balance.when}</th>
          <th scope="col">{t().balance.what}</th>
          <th scope="col">{t().balance.amount}</th>
          <th scope="col">{t().balance.after}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ id, kind, amount, balanceAfter, createdAt }) => (
          <tr key={id}>
            <td>
              <time dateTime={createdAt}>{moment(createdAt)}</time>
            </td>
            <td>{t().balance.kinds[kind]}</td>
            <td class={amount < 0 ? 'debit' : 'credit'}>{money(amount, currency)}</td>
            <td>{money(balanceAfter, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
