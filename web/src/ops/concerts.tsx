import { useSignal } from '@preact/signals';
import type { AdminConcert } from '../api/operations';
import { useAction } from '../ui/action';
import { Dates } from './dates';
import { Failure } from './failure';
import { Field, Form, useDraft } from './form';
import { Heading } from './heading';
import { o } from './messages';
import { useResource } from './resource';
import { api } from './session';

const PAGE = 100;

/** All concerts, to be changed and added to. */
export function Concerts() {
  const texts = o().concerts;
  const more = useSignal<AdminConcert[]>([]);
  const cursor = useSignal<string | undefined>(undefined);
  const first = useResource(async (signal) => {
    const page = await api.call('listAllConcerts', { query: { limit: PAGE } }, { signal });
    more.value = [];
    cursor.value = page.nextCursor ?? undefined;
    return page.items;
  });
  const showMore = useAction(async () => {
    const page = await api.call('listAllConcerts', { query: { limit: PAGE, cursor: cursor.value! } });
    more.value = [...more.value, ...page.items];
    cursor.value = page.nextCursor ?? undefined;
  });
  const concerts = [...(first.value.value ?? []), ...more.value];
  return (
    <>
      <Heading text={texts.title} />
      <Failure failure={first.failure.value} retry={first.again} />
      <ul class="list">
        {concerts.map((concert) => (
          <li key={concert.id} class="card" data-concert={concert.id}>
            <Concert concert={concert} changed={first.again} />
          </li>
        ))}
      </ul>
      {cursor.value && (
        <button type="button" aria-disabled={showMore.busy.value} onClick={showMore.run}>
          {texts.more}
        </button>
      )}
      <section class="card" aria-labelledby="add-concert">
        <h2 id="add-concert">{texts.add}</h2>
        <AddConcert added={first.again} />
      </section>
    </>
  );
}

function Concert({ concert, changed }: { concert: AdminConcert; changed: () => void }) {
  const open = useSignal(false);
  return (
    <details onToggle={({ currentTarget, target }) => target === currentTarget && (open.value = currentTarget.open)}>
      <summary>
        <h2>{concert.name}</h2> <span class="note">{o().concerts.soldThrough(concert.queue)}</span>
      </summary>
      {open.value && (
        <>
          <Dates concertId={concert.id} />
          <EditConcert concert={concert} changed={changed} />
        </>
      )}
    </details>
  );
}

function EditConcert({ concert, changed }: { concert: AdminConcert; changed: () => void }) {
  const texts = o().concerts;
  const draft = useDraft({ name: concert.name, description: concert.description });
  const send = async () => {
    const { name, ...others } = draft.changed;
    await api.call('updateConcert', {
      id: concert.id,
      body: { ...others, ...(name === undefined ? {} : { name: name.trim() }) },
    });
    draft.clear();
    changed();
  };
  return (
    <details>
      <summary>{texts.edit}</summary>
      <Form send={send} submit={o().save} disabled={!draft.isChanged}>
        <Field label={texts.concertName} {...draft.field('name')} />
        <Field label={texts.description} {...draft.field('description')} required={false} />
      </Form>
    </details>
  );
}

function AddConcert({ added }: { added: () => void }) {
  const texts = o().concerts;
  const draft = useDraft({ name: '', description: '', queue: '' });
  const send = async () => {
    const { name, description, queue } = draft.shown;
    const body = { name: name.trim(), description, ...(queue.trim() ? { queue: queue.trim() } : {}) };
    await api.call('createConcert', { body });
    draft.clear();
    added();
  };
  return (
    <Form send={send} submit={texts.add}>
      <Field label={texts.concertName} {...draft.field('name')} />
      <Field label={texts.description} {...draft.field('description')} required={false} />
      <Field label={texts.queue} {...draft.field('queue')} required={false} />
    </Form>
  );
}
