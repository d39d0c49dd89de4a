import { useSignal } from '@preact/signals';
import type { Concert } from '../api/operations';
import { t } from '../i18n/messages';
import { api } from '../state/session';
import { useAction } from '../ui/action';
import { Failure } from '../ui/failure';
import { Link } from '../ui/link';
import { Loading } from '../ui/loading';
import { useResource } from '../ui/resource';
import { Poster } from '../ui/poster';
import { Title } from '../ui/title';

/** The concerts of the fan's queue that are on sale. */
export function Concerts() {
  const older = useSignal<Concert[]>([]);
  const cursor = useSignal<string | null>(null);
  const first = useResource(async (signal) => {
    const page = await api.call('listConcerts', {}, { signal });
    older.value = [];
    cursor.value = page.nextCursor;
    return page.items;
  });
  const more = useAction(async () => {
    const page = await api.call('listConcerts', { query: { cursor: cursor.value! } });
    older.value = [...older.value, ...page.items];
    cursor.value = page.nextCursor;
  });
  const concerts = first.value.value && [...first.value.value, ...older.value];
  return (
    <section>
      <Title text={t().concerts.title} />
      <Failure failure={first.failure.value ?? more.failure.value} retry={first.again} />
      {!concerts && !first.failure.value && <Loading />}
      {concerts?.length === 0 && <p>{t().concerts.none}</p>}
      <ul class="cards">
        {concerts?.map((concert) => (
          <li key={concert.id} class="card">
            <Poster id={concert.id} />
            <h2>{concert.name}</h2>
            <p>{concert.description}</p>
            <Link to={`/concerts/${concert.id}`} class="button">
              {t().concerts.dates}
              <span class="visually-hidden">: {concert.name}</span>
            </Link>
          </li>
        ))}
      </ul>
      {cursor.value && (
        <button type="button" onClick={more.run}>
          {t().concerts.more}
        </button>
      )}
    </section>
  );
}
