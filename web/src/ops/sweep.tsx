import type { InvariantResult, Sweep } from '../api/operations';
import { countdown, number } from '../i18n/format';
import { o } from './messages';

/** What may never be, and whether it is: all green, or which one is not. */
export function SweepResult({ sweep, asOf }: { sweep: Sweep; asOf: string }) {
  const { invariants, silent, checkedAt } = sweep;
  const texts = o().sweep;
  const violated = invariants.filter(({ violations }) => violations > 0);
  const state = violated.length > 0 ? 'bad' : silent ? 'unknown' : 'good';
  const ago = checkedAt === null ? 0 : Math.max(0, Math.floor((Date.parse(asOf) - Date.parse(checkedAt)) / 1_000));
  return (
    <section class={`card sweep ${state}`} aria-labelledby="sweep" data-state={state}>
      <h2 id="sweep" class="visually-hidden">
        {texts.title}
      </h2>
      <p class="verdict" role="status">
        {state === 'bad' && texts.violated(violated.length)}
        {state === 'unknown' && texts.silent}
        {state === 'good' && texts.sound(invariants.length)}
      </p>
      {checkedAt !== null && <p class="note">{texts.checked(countdown(ago))}</p>}
      {violated.length > 0 && <Invariants invariants={violated} />}
      {invariants.length > 0 && (
        <details>
          <summary>{texts.all}</summary>
          <Invariants invariants={invariants} />
        </details>
      )}
    </section>
  );
}

function Invariants({ invariants }: { invariants: readonly InvariantResult[] }) {
  const texts = o().sweep;
  return (
    <ul class="invariants">
      {invariants.map(({ name, never, violations }) => (
        <li key={name} class={violations > 0 ? 'bad' : 'good'}>
          <code>{name.split('_')[0]}</code> {texts.never[name] ?? never}
          {violations > 0 && <strong> · {texts.rows(number(violations))}</strong>}
        </li>
      ))}
    </ul>
  );
}
