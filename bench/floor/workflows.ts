import {
  allHandlersFinished,
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import { ROW_CALL } from '../../src/workflows/row-call';
import type { FloorActivities } from './activities';

/** The least that a payment's three workflows can cost: the shapes of `src/workflows`, with empty activities. */
export interface FloorPaymentInput {
  reservationWorkflowId: string;
  tokenWorkflowId: string;
}

export const floorEndedSignal = defineSignal('floorEnded');
export const floorPayUpdate = defineUpdate<string>('floorPay');

const { nothing } = proxyLocalActivities<FloorActivities>(ROW_CALL);
const { announce } = proxyActivities<FloorActivities>({ startToCloseTimeout: '20 seconds' });

export async function floorToken(remainingMs: number): Promise<string> {
  return waitForEnd(remainingMs);
}

export async function floorReservation(remainingMs: number): Promise<string> {
  return waitForEnd(remainingMs);
}

async function waitForEnd(remainingMs: number): Promise<string> {
  let ended = false;
  setHandler(floorEndedSignal, () => {
    ended = true;
  });
  await condition(() => ended, remainingMs);
  return nothing();
}

export async function floorPayment(input: FloorPaymentInput): Promise<string> {
  let result: string | undefined;
  setHandler(floorPayUpdate, async () => {
    await condition(() => result !== undefined);
    return result as string;
  });
  result = await nothing();
  await announce(input);
  await condition(allHandlersFinished);
  return result;
}
