import { signal } from '@preact/signals';
import { follow } from '../api/follow';
import { OPERATIONS, type SeatChanges, type SeatMap } from '../api/operations';
import { ApiFailure } from '../api/problem';
import { layoutFromLocations, type Layout } from '../map/layout';
import { layoutFromPlan } from '../map/plan';
import { createChoice } from './choice';
import { noteServerTime } from './clock';
import { readPlan } from './plans';
import { refreshPlace } from './queue';
import { api, credentials } from './session';

/** Others' choices are seen within a second, by polling as well. */
const POLL_MS = 900;
/** A page that nobody looks at. */
const POLL_HIDDEN_MS = 10_000;

/** The seats of one date as they are now, and those the fan has chosen. */
export type SeatBoard = ReturnType<typeof openSeatBoard>;

/** Follows a date until `close`. */
export function openSeatBoard(scheduleId: number) {
  const layout = signal<Layout | undefined>(undefined);
  const free = signal<ReadonlySet<number>>(new Set());
  const failure = signal<ApiFailure | undefined>(undefined);
  const choice = createChoice(scheduleId, free);
  const over = new AbortController();
  let etag: string | undefined;
  /** How much the stream has said: a poll that was sent before may know less. */
  let heard = 0;
  let drawing: Promise<void> | undefined;

  // At once: the plan may take its time, and changes come meanwhile.
  const takeAll = ({ seats }: SeatMap): void => {
    free.value = new Set(seats.flatMap(({ id, available }) => (available ? [id] : [])));
    choice.letGo();
    drawing ??= layOut(scheduleId, seats, over.signal).then((drawn) => void (layout.value = drawn), onClosed);
  };
  const takeChanges = (changes: SeatChanges['seats']): void => {
    const next = new Set(free.value);
    for (const { id, available } of changes) {
      if (available) next.add(id);
      else next.delete(id);
    }
    free.value = next;
    choice.letGo();
  };
  const poll = async (): Promise<number> => {
    const heardBefore = heard;
    const reply = await api.callIfChanged('listSeats', { id: scheduleId }, { etag, signal: over.signal });
    failure.value = undefined;
    if (reply && heard === heardBefore) {
      etag = reply.etag;
      takeAll(reply.body);
    }
    return document.visibilityState === 'visible' ? POLL_MS : POLL_HIDDEN_MS;
  };
  const onEvent = (name: string, data: unknown): boolean => {
    heard += 1;
    if (name === 'seats') takeAll(data as SeatMap);
    if (name === 'changes') takeChanges((data as SeatChanges).seats);
    if (name === 'end') void refreshPlace();
    etag = undefined; // of what was polled before
    return name !== 'end';
  };
  const onRefused = (refusal: ApiFailure): boolean => {
    failure.value = refusal;
    if (refusal.code.startsWith('queue_token')) void refreshPlace();
    return refusal.mayPass;
  };
  const address = OPERATIONS.followSeats.path.replace('{id}', String(scheduleId));
  let following = false;
  const start = (): void => {
    following = true;
    const followed = { address, credentials, heard: noteServerTime, onEvent, poll, onRefused, whileHidden: false };
    void follow(followed, over.signal).finally(() => (following = false));
  };
  start();
  return {
    ...choice,
    layout,
    free,
    failure,
    /** The server says that these are taken. */
    taken: (ids: readonly number[]): void => takeChanges(ids.map((id) => ({ id, available: false }))),
    /** Asks again now. */
    again: (): void => {
      etag = undefined;
      if (!following) return start();
      void poll().catch((error: unknown) => {
        if (error instanceof ApiFailure) failure.value = error;
      });
    },
    close: () => over.abort(),
  };
}

async function layOut(scheduleId: number, seats: SeatMap['seats'], signal: AbortSignal): Promise<Layout> {
  const plan = await readPlan(scheduleId, signal);
  return plan ? layoutFromPlan(plan.plan, plan.seats, seats) : layoutFromLocations(seats);
}

const onClosed = (): void => {};
