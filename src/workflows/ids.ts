/** One workflow per token, reservation and payment; the row's id is in the name, so that either finds the other. */
export const queueTokenWorkflowId = (tokenId: number) => `queue-token-${tokenId}`;
export const reservationWorkflowId = (reservationId: number) => `reservation-${reservationId}`;
export const paymentWorkflowId = (reservationId: number) => `payment-${reservationId}`;
/** The row's id in the name of its workflow. */
export const QUEUE_TOKEN_ID = /^queue-token-(\d+)$/;
export const RESERVATION_ID = /^reservation-(\d+)$/;
export const PAYMENT_ID = /^payment-(\d+)$/;
export const SWEEP_WORKFLOW_ID = 'sweep';
