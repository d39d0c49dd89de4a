import {
  condition,
  continueAsNew,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { QueueActivities } from '../activities/queue';
import { admittedSignal, endedSignal, type QueueTokenInput } from './messages';
import { ROW_CALL } from './row-call';

export type QueueTokenOutcome = 'USED' | 'EXPIRED' | 'LEFT' | 'GONE';

const { takeTurn, endToken } = proxyLocalActivities<QueueActivities>(ROW_CALL);

/** The life of one queue token: waits for its turn, then for its end. Its row decides; this makes time pass. */
export async function queueToken(input: QueueTokenInput): Promise<QueueTokenOutcome> {
  let expiresAtMs = input.expiresAtMs;
  let ended = false;
  // Before the first await: an early signal must not be lost.
  setHandler(admittedSignal, (admission) => {
    expiresAtMs = admission.expiresAtMs;
  });
  setHandler(endedSignal, () => {
    ended = true;
  });

  let turnInMs = input.turnInMs;
  while (expiresAtMs === null) {
    setCurrentDetails(`Waiting in queue **${input.queue}** with ticket ${input.ticketNo}`);
    if (turnInMs > 0) await condition(() => expiresAtMs !== null || ended, turnInMs, { summary: 'estimated turn' });
    if (expiresAtMs !== null) break;
    // Reset before the row is read: a signal without an ended row must not make this spin, one during the call is kept.
    ended = false;
    // Whoever wakes moves the whole line: the turn may be somebody else's whose own timer is late.
    const turn = await takeTurn(input.tokenId, input.queueId);
    if (turn.status !== 'WAITING' && turn.status !== 'ACTIVE') return finish(turn.status);
    expiresAtMs ??= turn.expiresAtMs;
    turnInMs = turn.turnInMs;
    // A queue that stands still for days must not fill a history.
    if (expiresAtMs === null && !ended && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof queueToken>({ ...input, turnInMs });
    }
  }

  for (;;) {
    setCurrentDetails(`Active until ${new Date(expiresAtMs).toISOString()}`);
    const remainingMs = expiresAtMs - Date.now();
    if (remainingMs > 0) await condition(() => ended, remainingMs, { summary: 'token expires' });
    ended = false;
    const ending = await endToken(input.tokenId, input.queueId);
    if (ending.outcome !== 'TOO_EARLY') return finish(ending.outcome);
    // A hold has extended the token, or the signal came without an ended row: wait for what is left.
    expiresAtMs = Date.now() + ending.remainingMs;
  }
}

function finish(outcome: QueueTokenOutcome): QueueTokenOutcome {
  setCurrentDetails(`Ended: ${outcome}`);
  return outcome;
}
