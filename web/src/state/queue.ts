import { computed, effect, signal } from '@preact/signals';
import { follow } from '../api/follow';
import { OPERATIONS, type QueueToken } from '../api/operations';
import { ApiFailure } from '../api/problem';
import { noteServerTime } from './clock';
import { api, credentials, endSession, queueTokenText, session } from './session';

/** The fan's place in the queue, as last heard; `undefined` when there is none, or nothing was heard yet. */
export const queueToken = signal<QueueToken | undefined>(undefined);

/** Why nothing is heard of it, until something is. */
export const placeFailure = signal<ApiFailure | undefined>(undefined);

/** Where in the way to the seats the fan is. */
export const stage = computed((): 'outside' | 'unknown' | 'waiting' | 'inside' | 'ended' => {
  if (queueTokenText.value === undefined) return 'outside';
  const status = queueToken.value?.status;
  if (status === undefined) return 'unknown';
  return status === 'WAITING' ? 'waiting' : status === 'ACTIVE' ? 'inside' : 'ended';
});

const QUEUE_PARAMETER = 'queue';

/** Takes a place in the queue that the address names, the last one, or the main one; a live place stays the same. */
export async function joinQueue(): Promise<void> {
  const queue = new URLSearchParams(location.search).get(QUEUE_PARAMETER) ?? queueToken.peek()?.queue;
  accept(await api.call('issueQueueToken', queue ? { body: { queue } } : {}));
}

export async function leaveQueue(): Promise<void> {
  await api.call('leaveQueue', {});
  forgetPlace();
}

export function forgetPlace(): void {
  queueToken.value = undefined;
  queueTokenText.value = undefined;
}

/** Asks again now: a call was refused because of the token, or used it up. */
export async function refreshPlace(): Promise<void> {
  if (queueTokenText.value === undefined) return;
  try {
    accept(await api.call('getQueueToken', {}));
  } catch (error) {
    if (error instanceof ApiFailure) onRefused(error);
    else throw error;
  }
}

function accept(token: QueueToken): void {
  placeFailure.value = undefined;
  queueToken.value = token;
  queueTokenText.value = token.token;
}

/** A refusal that says that there is no such place, or nobody is signed in; `true` for one that may pass. */
function onRefused(failure: ApiFailure): boolean {
  if (failure.code === 'unauthenticated') endSession();
  else if (failure.code.startsWith('queue_token')) forgetPlace();
  else placeFailure.value = failure;
  return failure.mayPass;
}

const isOver = ({ status }: QueueToken): boolean => status !== 'WAITING' && status !== 'ACTIVE';

/** Follows the place for as long as there is one. */
effect(() => {
  const text = queueTokenText.value;
  if (text === undefined || session.value === undefined) return undefined;
  const over = new AbortController();
  const known = queueToken.peek();
  if (known && known.token !== text) queueToken.value = undefined;
  void follow(
    {
      address: OPERATIONS.followQueueToken.path,
      credentials,
      heard: noteServerTime,
      // Whoever waits in another tab is to be called.
      whileHidden: true,
      onEvent: (name, data) => {
        if (name === 'token') accept(data as QueueToken);
        return name !== 'end' && !(queueToken.peek() && isOver(queueToken.peek()!));
      },
      poll: async () => {
        const token = await api.call('getQueueToken', {}, { signal: over.signal });
        accept(token);
        return isOver(token) ? undefined : token.pollAfterMs;
      },
      onRefused,
    },
    over.signal,
  );
  return () => over.abort();
});
