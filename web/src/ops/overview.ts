import { signal } from '@preact/signals';
import type { Overview, QueueSettings, QueueSettingsPatch } from '../api/operations';
import { ApiFailure } from '../api/problem';
import { api, signOut } from './session';

/** How everything is, as last heard, and why it was not heard since. */
export const overview = signal<Overview | undefined>(undefined);
export const overviewFailure = signal<ApiFailure | undefined>(undefined);

const LOOK_MS = 1_000;
/** After a change, the next reading of the queues on the server has it; an answer from before would show the old. */
const SEEN_MS = 300;
/** What a sparkline shows: two minutes. */
const POINTS_MAX = 120;

/** What was seen since the page was opened, oldest first. */
type Trace = readonly number[];
const waitingTraces = new Map<string, Trace>();
const soldTraces = new Map<number, Trace>();
/** How many waited in a queue. */
export const waitingTrace = (queue: string): Trace => waitingTraces.get(queue) ?? [];
/** How many seats of a date were sold. */
export const soldTrace = (scheduleId: number): Trace => soldTraces.get(scheduleId) ?? [];

let changedAtMs = Number.NEGATIVE_INFINITY;

/** Looks every second while somebody looks at the page, until `over` is aborted. */
export async function watchOverview(over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    if (document.visibilityState === 'visible') await look(over);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function look(over: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  try {
    const heard = await api.call('getOverview', {}, { signal: over });
    const isOld = startedMs < changedAtMs + SEEN_MS;
    overview.value = isOld ? { ...heard, queues: overview.peek()?.queues ?? heard.queues } : heard;
    overviewFailure.value = undefined;
    note(heard);
  } catch (error) {
    if (over.aborted) return;
    if (!(error instanceof ApiFailure)) throw error;
    if (error.code === 'unauthenticated') signOut();
    overviewFailure.value = error;
  }
}

function note({ queues, sales }: Overview): void {
  for (const { name, waiting } of queues) waitingTraces.set(name, added(waitingTrace(name), waiting));
  for (const { scheduleId, sold } of sales) soldTraces.set(scheduleId, added(soldTrace(scheduleId), sold));
}

const added = (values: Trace, value: number): Trace => [...values, value].slice(-POINTS_MAX);

/** Changes a queue and shows it at once. */
export async function changeQueue(name: string, patch: QueueSettingsPatch): Promise<void> {
  const changed: QueueSettings = await api.call('updateQueue', { name, body: patch });
  changedAtMs = performance.now();
  const known = overview.peek();
  if (!known) return;
  const queues = known.queues.map((queue) => (queue.name === name ? { ...queue, ...changed } : queue));
  overview.value = { ...known, queues };
}
