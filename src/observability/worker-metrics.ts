import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { SweepReport } from '../activities/sweep';
import type { PaymentResult } from '../workflows/messages';

/** From a transaction on an idle database to an activity's time-out. */
const BUCKETS_SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** What the dispatcher reports. */
export interface DispatchMetrics {
  told(kind: string, count: number): void;
  failed(): void;
}

export function observeDispatcher(registry: Registry): DispatchMetrics {
  const told = new Counter({
    name: 'frontrow_dispatcher_told_total',
    help: 'Workflows that the dispatcher started, or told of their rows, by the state of the row',
    labelNames: ['kind'],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'frontrow_dispatcher_failures_total',
    help: 'Rounds of the dispatcher that failed: Temporal or the database is away',
    registers: [registry],
  });
  return { told: (kind, count) => told.inc({ kind }, count), failed: () => failures.inc() };
}

/** Sees what activities give back: payments by outcome, and what the sweep had to repair. */
export function observeActivities(registry: Registry): ActivityInterceptorsFactory {
  const payments = new Histogram({
    name: 'frontrow_payment_settling_duration_seconds',
    help: 'The transactions that decide payments, by outcome: PAID, the code of a refusal, or error, which is tried again',
    labelNames: ['outcome'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const repaired = new Counter({
    name: 'frontrow_sweep_repaired_total',
    help: 'What timers left behind and the sweep put right',
    labelNames: ['what'],
    registers: [registry],
  });

  const settle = async (result: Promise<unknown>): Promise<unknown> => {
    const end = payments.startTimer();
    const settled = (await result.catch((error: unknown) => {
      end({ outcome: 'error' });
      throw error;
    })) as PaymentResult;
    end({ outcome: settled.outcome === 'PAID' ? 'PAID' : settled.code });
    return settled;
  };
  const repair = async (result: Promise<unknown>): Promise<unknown> => {
    const report = (await result) as SweepReport['repaired'];
    for (const [what, count] of Object.entries(report)) repaired.inc({ what }, count);
    return report;
  };
  return ({ info }) => {
    if (info.activityType === 'settlePayment') return { inbound: { execute: (input, next) => settle(next(input)) } };
    if (info.activityType === 'repair') return { inbound: { execute: (input, next) => repair(next(input)) } };
    return {};
  };
}
