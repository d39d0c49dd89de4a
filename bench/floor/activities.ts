import type { Client } from '@temporalio/client';
import type { FloorPaymentInput } from './workflows';

export type FloorActivities = ReturnType<typeof createFloorActivities>;

/** As those of `src/activities`, without anything to do. */
export function createFloorActivities(client: Client) {
  return {
    async nothing(): Promise<string> {
      return 'DONE';
    },
    async announce({ reservationWorkflowId, tokenWorkflowId }: FloorPaymentInput): Promise<void> {
      await Promise.all(
        [reservationWorkflowId, tokenWorkflowId].map((id) => client.workflow.getHandle(id).signal('floorEnded')),
      );
    },
  };
}
