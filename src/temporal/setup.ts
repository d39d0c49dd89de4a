import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { SWEEP_WORKFLOW_ID } from '../workflows/ids';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** The server's numbers for the kinds of search attributes used here (temporal.api.enums.v1.IndexedValueType). */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, INT: 3 } as const;

/** Registers the search attributes that the namespace lacks. May be repeated. Returns the names it added. */
export async function registerSearchAttributes(client: Client, namespace: string): Promise<string[]> {
  const { operatorService } = client.connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((attribute) => !(attribute.name in (customAttributes ?? {})));
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return missing.map((attribute) => attribute.name);
}

/** Makes the schedule of the sweep, every minute at second 00, unless it is there. */
export async function ensureSweepSchedule(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: SWEEP_WORKFLOW_ID,
      spec: { calendars: [{ hour: '*', minute: '*', second: 0 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowId: SWEEP_WORKFLOW_ID,
        workflowType: 'sweep',
        taskQueue: 'frontrow-queue',
        args: [],
        staticSummary: 'repair and check, every minute',
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
