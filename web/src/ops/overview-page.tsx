import { Failure } from './failure';
import { Heading } from './heading';
import { o } from './messages';
import { overview, overviewFailure } from './overview';
import { Queues } from './queues';
import { Sales } from './sales';
import { SweepResult } from './sweep';
import { WorkflowsNow } from './workflows';

/** How everything is, looked at every second. */
export function OverviewPage() {
  const now = overview.value;
  return (
    <>
      <Heading text={o().nav.overview} />
      <Failure failure={overviewFailure.value} />
      {!now && !overviewFailure.value && <p class="loading">{o().loading}</p>}
      {now && (
        <>
          <SweepResult sweep={now.sweep} asOf={now.asOf} />
          <Queues queues={now.queues} />
          <Sales sales={now.sales} currency={now.currency} asOf={now.asOf} />
          <WorkflowsNow workflows={now.workflows} />
        </>
      )}
    </>
  );
}
