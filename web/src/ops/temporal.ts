import { overview } from './overview';

/** An address in Temporal's Web UI that shows the workflows that fit; `undefined` where no Web UI is known. */
export function workflowsAddress(query: string): string | undefined {
  const { uiUrl, namespace } = overview.value?.workflows ?? {};
  if (!uiUrl || !namespace) return undefined;
  const base = uiUrl.replace(/\/$/, '');
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows?query=${encodeURIComponent(query)}`;
}

export const FAILED_QUERY = `ExecutionStatus="Failed" OR ExecutionStatus="TimedOut" OR ExecutionStatus="Terminated"`;
export const openQuery = (type: string) => `WorkflowType="${type}" AND ExecutionStatus="Running"`;
export const userQuery = (userId: number) => `UserId=${userId}`;
/** The ids of workflows have those of their rows in them. */
export const bookingQuery = (reservationId: number, queueTokenId: number) =>
  [`reservation-${reservationId}`, `payment-${reservationId}`, `queue-token-${queueTokenId}`]
    .map((id) => `WorkflowId="${id}"`)
    .join(' OR ');
