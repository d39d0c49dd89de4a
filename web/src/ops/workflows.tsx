import type { ComponentChildren } from 'preact';
import type { Workflows } from '../api/operations';
import { number } from '../i18n/format';
import { o } from './messages';
import { FAILED_QUERY, openQuery, workflowsAddress } from './temporal';

/** A backlog is counted no further. */
const COUNT_MAX = 10_000;
const TYPES = ['queueToken', 'reservation', 'payment', 'sweep'] as const;

export function WorkflowsNow({ workflows }: { workflows: Workflows }) {
  const texts = o().workflows;
  const { state, open, failed, notStarted } = workflows;
  return (
    <section aria-labelledby="workflows">
      <h2 id="workflows">{texts.title}</h2>
      {state === 'down' && <p class="notice">{texts.down}</p>}
      <ul class="cards small">
        <Card title={texts.open}>
          {TYPES.map((type) => (
            <Count key={type} name={texts.types[type]} value={open?.[type]} query={openQuery(type)} />
          ))}
        </Card>
        <Card title={texts.failed}>
          <Count name={texts.failed} value={failed ?? undefined} query={FAILED_QUERY} bad={(failed ?? 0) > 0} />
        </Card>
        <Card title={texts.notStarted}>
          <Count name={texts.reservations} value={notStarted.reservations} />
          <Count name={texts.tokens} value={notStarted.tokens} />
        </Card>
      </ul>
    </section>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <li class="card">
      <h3>{title}</h3>
      <dl class="facts">{children}</dl>
    </li>
  );
}

interface CountProps {
  name: string;
  value: number | undefined;
  query?: string;
  bad?: boolean;
}

function Count({ name, value, query, bad = false }: CountProps) {
  const texts = o().workflows;
  const address = query ? workflowsAddress(query) : undefined;
  const text = value === undefined ? '–' : value >= COUNT_MAX && !query ? texts.orMore(number(value)) : number(value);
  return (
    <div class={bad ? 'figure bad' : 'figure'}>
      <dt>{name}</dt>
      <dd>
        {address ? (
          <a href={address} target="_blank" rel="noreferrer" aria-label={`${name}: ${text}. ${texts.look}`}>
            {text}
          </a>
        ) : (
          text
        )}
      </dd>
    </div>
  );
}
