import { useSignal } from '@preact/signals';
import type { QueueSettingsPatch, QueueTraffic } from '../api/operations';
import { countdown, number } from '../i18n/format';
import { announce } from '../state/announce';
import { useAction } from '../ui/action';
import { Shares, Sparkline } from './charts';
import { Failure } from './failure';
import { o } from './messages';
import { changeQueue, waitingTrace } from './overview';

export function Queues({ queues }: { queues: readonly QueueTraffic[] }) {
  return (
    <section aria-labelledby="queues">
      <h2 id="queues">{o().queues.title}</h2>
      <ul class="cards wide">
        {queues.map((queue) => (
          <li key={queue.name} class="card" data-queue={queue.name}>
            <QueueNow queue={queue} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function QueueNow({ queue }: { queue: QueueTraffic }) {
  const texts = o().queues;
  const { name, paused, waiting, active, maxActive } = queue;
  const pause = useAction(async () => {
    await changeQueue(name, { paused: !paused });
    announce(paused ? texts.nowOpen(name) : texts.nowPaused(name));
  });
  const state = paused ? 'paused' : active >= maxActive ? 'full' : 'open';
  const trace = waitingTrace(name);
  const free = Math.max(0, maxActive - active);
  return (
    <>
      <div class="card-head">
        <h3>{name}</h3>
        <span class={`badge ${state}`}>{texts[state]}</span>
        <button type="button" class={paused ? 'primary' : ''} aria-disabled={pause.busy.value} onClick={pause.run}>
          {paused ? texts.resume : texts.pause}
        </button>
      </div>
      <Failure failure={pause.failure.value} />
      <div class="figures">
        <Figure name={texts.waiting} value={number(waiting)} large />
        <Sparkline
          values={trace}
          label={texts.trace(number(Math.min(...trace, waiting)), number(Math.max(...trace, waiting)))}
        />
      </div>
      <Shares
        parts={[
          { name: 'inside', value: active },
          { name: 'room', value: free },
        ]}
        label={`${texts.active}: ${texts.ofCap(number(active), number(maxActive))}`}
      />
      <dl class="facts">
        <Figure name={texts.active} value={texts.ofCap(number(active), number(maxActive))} />
        <Figure name={texts.admitted} value={number(queue.admittedPerMinute)} />
        <Figure name={texts.departed} value={number(queue.departedPerMinute)} />
        <Figure name={texts.finished} value={number(queue.finishedPerMinute)} />
        <Figure
          name={texts.oldest}
          value={queue.oldestWaitSeconds === null ? '–' : countdown(queue.oldestWaitSeconds)}
        />
        <Figure name={texts.drain} value={queue.drainSeconds === null ? texts.never : countdown(queue.drainSeconds)} />
      </dl>
      <Settings queue={queue} />
    </>
  );
}

function Figure({ name, value, large = false }: { name: string; value: string; large?: boolean }) {
  const Outer = large ? 'dl' : 'div';
  return (
    <Outer class={large ? 'figure big' : 'figure'}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </Outer>
  );
}

type Draft = Record<'maxActive' | 'admitPerMinute' | 'activeSeconds', string>;

/** What is typed stays until it is saved; before, the fields follow what others change. */
function Settings({ queue }: { queue: QueueTraffic }) {
  const texts = o().queues;
  const { name, maxActive, admitPerMinute, activeSeconds } = queue;
  const typed = useSignal<Partial<Draft>>({});
  const shown: Draft = {
    maxActive: String(maxActive),
    admitPerMinute: admitPerMinute === null ? '' : String(admitPerMinute),
    activeSeconds: String(activeSeconds),
    ...typed.value,
  };
  const save = useAction(async () => {
    await changeQueue(name, patchOf(typed.value));
    typed.value = {};
    announce(o().saved);
  });
  const isChanged = Object.keys(typed.value).length > 0;
  const field = (key: keyof Draft, min: number) => (
    <label>
      {texts[key]}
      <input
        type="number"
        min={min}
        step={1}
        required={key !== 'admitPerMinute'}
        value={shown[key]}
        onInput={({ currentTarget }) => (typed.value = { ...typed.value, [key]: currentTarget.value })}
      />
    </label>
  );
  return (
    <details class="settings">
      <summary>{texts.settings}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged) save.run();
        }}
      >
        {field('maxActive', 0)}
        {field('admitPerMinute', 1)}
        {field('activeSeconds', 1)}
        <button type="submit" class="primary" aria-disabled={save.busy.value || !isChanged}>
          {o().save}
        </button>
        <Failure failure={save.failure.value} />
      </form>
    </details>
  );
}

function patchOf(typed: Partial<Draft>): QueueSettingsPatch {
  return Object.fromEntries(
    Object.entries(typed).map(([key, text]) => [key, key === 'admitPerMinute' && text === '' ? null : Number(text)]),
  );
}
