import { useSignal } from '@preact/signals';
import { number } from '../i18n/format';
import { announce } from '../state/announce';
import { useAction } from '../ui/action';
import { Failure } from './failure';
import { Form } from './form';
import { o } from './messages';
import { readPlanFile, type PlanFile } from './plan-file';
import { PlanPreview } from './plan-preview';
import { PriceFields } from './price-fields';
import { api } from './session';

/** Makes the seats of a date by a plan in a file; the server says what is wrong with it, and where. */
export function PlanUpload({ scheduleId, imported }: { scheduleId: number; imported: () => void }) {
  const texts = o().concerts;
  const file = useSignal<PlanFile | undefined>(undefined);
  const unreadable = useSignal(false);
  const typed = useSignal<Record<string, string>>({});
  const choose = async (chosen: File | undefined) => {
    file.value = undefined;
    unreadable.value = false;
    typed.value = {};
    if (!chosen) return;
    try {
      file.value = readPlanFile(JSON.parse(await chosen.text()));
    } catch {
      unreadable.value = true;
    }
  };
  const values = { ...file.value?.prices, ...typed.value };
  const send = async () => {
    const { plan, categories } = file.value!;
    const prices = Object.fromEntries(categories.map((category) => [category, Number(values[category])]));
    const { added } = await api.call('importPlan', { id: scheduleId, body: { plan, prices } });
    announce(texts.imported(number(added)));
    imported();
  };
  return (
    <fieldset>
      <legend>{texts.plan}</legend>
      <label>
        {texts.planFile}
        <input
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget }) => void choose(currentTarget.files?.[0])}
        />
      </label>
      {unreadable.value && (
        <p class="failure" role="alert">
          {texts.notJson}
        </p>
      )}
      {file.value && (
        <Form send={send} submit={texts.import}>
          <p>
            {file.value.categories.length === 0
              ? texts.noCategories
              : texts.planSeats(number(file.value.seats), number(file.value.categories.length))}
          </p>
          <PlanPreview layers={file.value.layers} />
          <PriceFields
            categories={file.value.categories}
            values={values}
            onInput={(category, text) => (typed.value = { ...typed.value, [category]: text })}
          />
        </Form>
      )}
    </fieldset>
  );
}

/** Gives the plan of a date back as a file that can be imported again. */
export function PlanExport({ scheduleId }: { scheduleId: number }) {
  const download = useAction(async () => {
    const content = await api.call('exportPlan', { id: scheduleId });
    const address = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: 'application/json' }));
    const link = Object.assign(document.createElement('a'), { href: address, download: `plan-${scheduleId}.json` });
    link.click();
    URL.revokeObjectURL(address);
  });
  return (
    <>
      <button type="button" aria-disabled={download.busy.value} onClick={download.run}>
        {o().concerts.export}
      </button>
      <Failure failure={download.failure.value} retry={download.run} />
    </>
  );
}
