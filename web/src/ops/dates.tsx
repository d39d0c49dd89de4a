import { useSignal } from '@preact/signals';
import type { AdminSchedule } from '../api/operations';
import { dateTime, number } from '../i18n/format';
import { Failure } from './failure';
import { Field, Form, fromLocal, timeZone, toLocal, useDraft, type Draft } from './form';
import { o } from './messages';
import { PlanExport, PlanUpload } from './plan';
import { PriceFields } from './price-fields';
import { useResource } from './resource';
import { api } from './session';

/** The dates of a concert, to be changed and added to. */
export function Dates({ concertId }: { concertId: number }) {
  const texts = o().concerts;
  const dates = useResource((signal) => api.call('listAllSchedules', { id: concertId }, { signal }));
  const items = dates.value.value?.items;
  return (
    <section aria-label={texts.dates}>
      <Failure failure={dates.failure.value} retry={dates.again} />
      {items?.length === 0 && <p>{texts.noDates}</p>}
      <ul class="list">
        {items?.map((date) => (
          <li key={date.id} data-date={date.id}>
            <EditDate date={date} changed={dates.again} />
          </li>
        ))}
      </ul>
      <AddDate concertId={concertId} added={dates.again} />
    </section>
  );
}

function EditDate({ date, changed }: { date: AdminSchedule; changed: () => void }) {
  const texts = o().concerts;
  const seats = date.seats === 0 ? texts.noSeats : texts.seatsOf(number(date.availableSeats), number(date.seats));
  const draft = useDraft<DateField>({
    place: date.place,
    reservationStartAt: toLocal(date.reservationStartAt),
    reservationEndAt: toLocal(date.reservationEndAt),
    concertAt: toLocal(date.concertAt),
  });
  const save = async () => {
    await api.call('updateSchedule', { id: date.id, body: bodyOf(draft.changed) });
    draft.clear();
    changed();
  };
  return (
    <details>
      <summary>
        {texts.date(date.id)} · {dateTime(date.concertAt)} · {date.place} · {seats}
      </summary>
      <Form send={save} submit={o().save} disabled={!draft.isChanged}>
        <DateFields draft={draft} />
      </Form>
      {date.prices && <Prices scheduleId={date.id} prices={date.prices} changed={changed} />}
      {date.prices && <PlanExport scheduleId={date.id} />}
      {date.seats === 0 && <PlanUpload scheduleId={date.id} imported={changed} />}
    </details>
  );
}

function AddDate({ concertId, added }: { concertId: number; added: () => void }) {
  const texts = o().concerts;
  const draft = useDraft<DateField>({ place: '', reservationStartAt: '', reservationEndAt: '', concertAt: '' });
  const send = async () => {
    await api.call('createSchedule', { id: concertId, body: bodyOf(draft.shown) });
    draft.clear();
    added();
  };
  return (
    <details>
      <summary>{texts.addDate}</summary>
      <Form send={send} submit={texts.addDate}>
        <DateFields draft={draft} />
      </Form>
    </details>
  );
}

type DateField = 'place' | 'reservationStartAt' | 'reservationEndAt' | 'concertAt';

function bodyOf<Texts extends Partial<Record<DateField, string>>>(texts: Texts): Texts {
  const valueOf = (name: string, text: string) => (name === 'place' ? text.trim() : fromLocal(text));
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, valueOf(name, text)])) as Texts;
}

function DateFields({ draft }: { draft: Draft<DateField> }) {
  const texts = o().concerts;
  return (
    <>
      <Field label={texts.place} {...draft.field('place')} />
      <Field label={texts.saleFrom} {...draft.field('reservationStartAt')} type="datetime-local" />
      <Field label={texts.saleTo} {...draft.field('reservationEndAt')} type="datetime-local" />
      <Field label={texts.concertAt} {...draft.field('concertAt')} type="datetime-local" />
      <p class="note">{texts.zone(timeZone())}</p>
    </>
  );
}

interface PricesProps {
  scheduleId: number;
  prices: Record<string, number>;
  changed: () => void;
}

function Prices({ scheduleId, prices, changed }: PricesProps) {
  const texts = o().concerts;
  const typed = useSignal<Record<string, string>>({});
  const send = async () => {
    const body = Object.fromEntries(Object.entries(typed.value).map(([category, text]) => [category, Number(text)]));
    await api.call('updateSchedule', { id: scheduleId, body: { prices: body } });
    typed.value = {};
    changed();
  };
  return (
    <fieldset>
      <legend>{texts.prices}</legend>
      <Form send={send} submit={o().save} disabled={Object.keys(typed.value).length === 0}>
        <PriceFields
          categories={Object.keys(prices)}
          values={{
            ...Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, String(price)])),
            ...typed.value,
          }}
          onInput={(category, text) => (typed.value = { ...typed.value, [category]: text })}
        />
        <p class="note">{texts.pricesNote}</p>
      </Form>
    </fieldset>
  );
}
