import type { LocalActivityOptions } from '@temporalio/workflow';

/**
 * Short calls whose effect is one database transaction that may be repeated. As local activities they cost no workflow
 * task of their own. They are retried without end, because the row always gives a final answer: at first inside the
 * task, and after `localRetryThreshold` by a timer, so that a database outage does not keep tasks open.
 */
export const ROW_CALL: LocalActivityOptions = {
  startToCloseTimeout: '20 seconds',
  localRetryThreshold: '5 seconds',
  retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};
