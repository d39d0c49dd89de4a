import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Orders } from '../payments/orders';
import { FLOOR_TASK_QUEUES } from './task-queues';
import { floorPayUpdate, type FloorPaymentInput } from './workflows';

/** Far beyond the end of the bench, like the system's own deadlines in it. */
const REMAINING_MS = 3_600_000;
const STARTS_IN_FLIGHT = 16;

/** `count` pairs of a token's and a reservation's workflow that wait, and what completes them. */
export async function prepareFloorOrders(client: Client, count: number): Promise<Orders> {
  const batch = randomUUID();
  const inputs = Array.from({ length: count }, (_, index) => ({
    reservationWorkflowId: `floor-reservation-${batch}-${index}`,
    tokenWorkflowId: `floor-token-${batch}-${index}`,
  }));
  await inParallel(inputs, STARTS_IN_FLIGHT, 0, (input) => startWaiting(client, input));
  return {
    count,
    closedQuery: `WorkflowType IN ('floorToken', 'floorReservation', 'floorPayment')`,
    pay: async (connections, pauseMs) => {
      const latenciesMs: number[] = [];
      await inParallel(inputs, connections, pauseMs, async (input) => {
        const sentMs = performance.now();
        await pay(client, input);
        latenciesMs.push(performance.now() - sentMs);
      });
      return latenciesMs;
    },
  };
}

/** The three workflows of one fan, started and paid. */
export async function startFloorLife(client: Client): Promise<void> {
  const id = randomUUID();
  const input = { reservationWorkflowId: `floor-reservation-${id}`, tokenWorkflowId: `floor-token-${id}` };
  await startWaiting(client, input);
  await pay(client, input);
}

async function startWaiting(client: Client, input: FloorPaymentInput): Promise<void> {
  const args = [REMAINING_MS];
  const { token, reservation } = FLOOR_TASK_QUEUES;
  await client.workflow.start('floorToken', { workflowId: input.tokenWorkflowId, taskQueue: token, args });
  await client.workflow.start('floorReservation', {
    workflowId: input.reservationWorkflowId,
    taskQueue: reservation,
    args,
  });
}

async function pay(client: Client, input: FloorPaymentInput): Promise<void> {
  await client.workflow.executeUpdateWithStart(floorPayUpdate, {
    startWorkflowOperation: new WithStartWorkflowOperation('floorPayment', {
      workflowId: `floor-payment-${input.reservationWorkflowId}`,
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: FLOOR_TASK_QUEUES.payment,
      args: [input],
    }),
  });
}

async function inParallel<Item>(
  items: readonly Item[],
  parallel: number,
  pauseMs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const loop = async (): Promise<void> => {
    for (let item = left.shift(); item; item = left.shift()) {
      await work(item);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
}
