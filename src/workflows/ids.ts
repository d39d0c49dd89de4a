/** One workflow per token, reservation and payment; the row's id is in the name, so that either finds the other. */
export const queueTokenWorkflowId = (tokenId: number) => `queue-token-${tokenId}`;
export const reservationWorkflowId = (reservationId: number) => `reservation-${reservationId}`;
export const paymentWorkflowId = (reservationId: number) => `payment-${reservationId}`;
export const SWEEP_WORKFLOW_ID = 'sweep';
