import type { Turn } from '../../src/activities/queue';
import type { Release, TokenEnding } from '../../src/db/release';
import type { ErrorCode } from '../../src/errors';
import { admittedSignal, endedSignal, settledSignal } from '../../src/workflows/messages';
import { gate, scripted, until } from '../support/temporal';
import type { Place } from '../support/temporal';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { SignalDefinition } from '@temporalio/common';
import { paid, payments, refused } from '../workflow/payments';

type Activities = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** What a history is recorded from: a scripted life, on the real server and with short timers. */
export interface Scenario {
  activities: Activities;
  /** Starts the workflow and does what happens to it; its id is the only one that `place` gives. */
  live(env: TestWorkflowEnvironment, place: Place): Promise<unknown>;
}

const LONG_MS = 60_000;
const SHORT_MS = 1_000;

interface Told {
  signal: SignalDefinition<[]> | typeof admittedSignal;
  args?: () => unknown[];
  /** Sent once this many timers have been started; 0: together with the start. */
  afterTimers: number;
}

const settled = (afterTimers: number): Told => ({ signal: settledSignal, afterTimers });
const ended = (afterTimers: number): Told => ({ signal: endedSignal, afterTimers });
const admitted = (afterTimers: number, activeMs: number): Told => ({
  signal: admittedSignal,
  args: () => [{ expiresAtMs: Date.now() + activeMs }],
  afterTimers,
});

function life(workflow: string, input: () => unknown, activities: Activities, told: Told[]): Scenario {
  return {
    activities,
    async live(env, place) {
      const options = { taskQueue: place.taskQueue, workflowId: place.id(workflow), args: [input()] };
      const [first, ...rest] = told;
      const withStart = first?.afterTimers === 0;
      const handle = withStart
        ? await env.client.workflow.signalWithStart(workflow, {
            ...options,
            signal: first.signal.name,
            signalArgs: first.args?.() ?? [],
          })
        : await env.client.workflow.start(workflow, options);
      for (const { signal, args, afterTimers } of withStart ? rest : told) {
        await until(handle, (history) => history.count('TIMER_STARTED') >= afterTimers);
        await handle.signal(signal.name, ...(args?.() ?? []));
      }
      await handle.result();
    },
  };
}

function reservation(holdMs: number, releases: (Release | Error)[], ...told: Told[]): Scenario {
  const input = () => ({ reservationId: 7, expiresAtMs: Date.now() + holdMs });
  return life('reservation', input, { releaseHold: scripted<Release>(...releases) }, told);
}

interface Token {
  /** Null while it waits. */
  activeMs: number | null;
  turnInMs: number;
  turns?: (Turn | (() => Turn))[];
  endings?: TokenEnding[];
}

function queueToken({ activeMs, turnInMs, turns = [], endings = [] }: Token, ...told: Told[]): Scenario {
  const expiresAtMs = () => (activeMs === null ? null : Date.now() + activeMs);
  const input = () => ({ tokenId: 11, queueId: 3, queue: 'main', ticketNo: 42, expiresAtMs: expiresAtMs(), turnInMs });
  const activities = { takeTurn: scripted<Turn>(...turns), endToken: scripted<TokenEnding>(...endings) };
  return life('queueToken', input, activities, told);
}

function paymentOf(activities: Activities, updates: string[] = ['11-0'], afterAnswers = () => {}): Scenario {
  return {
    activities,
    async live(env, place) {
      const payment = payments(env, place);
      for (const updateId of updates) await payment.pay(updateId);
      afterAnswers();
      await payment.handle.result();
    },
  };
}

const refusedPayment = (code: ErrorCode) => paymentOf({ settlePayment: scripted(refused(code)) });

function paymentAskedTwice(): Scenario {
  const telling = gate();
  const activities = { settlePayment: scripted(paid), announcePayment: () => telling.opened };
  return paymentOf(activities, ['11-0', '11-1'], telling.open);
}

function sweep(violations: Record<string, number>): Scenario {
  const repaired = { holds: 1, tokens: 0, admitted: 2, keys: 0, departures: 0 };
  return {
    activities: { repair: scripted(repaired), checkInvariants: scripted(violations) },
    live: (env, place) =>
      env.client.workflow.execute('sweep', { taskQueue: place.taskQueue, workflowId: place.id('sweep') }),
  };
}

const gone: Turn = { status: 'GONE', expiresAtMs: null, turnInMs: 0 };
const left: Turn = { status: 'LEFT', expiresAtMs: null, turnInMs: 0 };
const waiting: Turn = { status: 'WAITING', expiresAtMs: null, turnInMs: SHORT_MS };
const active = (): Turn => ({ status: 'ACTIVE', expiresAtMs: Date.now() + SHORT_MS, turnInMs: 0 });
const tooEarly = { outcome: 'TOO_EARLY', remainingMs: SHORT_MS } as const;
/** So many that the pauses between the tries become timers (`localRetryThreshold`). */
const outage = Array.from({ length: 8 }, () => new Error('the database is away'));

export const SCENARIOS: Record<string, Scenario> = {
  'reservation-paid-by-signal': reservation(LONG_MS, [{ outcome: 'PAID' }], settled(1)),
  'reservation-paid-without-signal': reservation(SHORT_MS, [{ outcome: 'PAID' }]),
  'reservation-expired': reservation(SHORT_MS, [{ outcome: 'EXPIRED' }]),
  'reservation-expired-after-too-early': reservation(SHORT_MS, [tooEarly, { outcome: 'EXPIRED' }]),
  'reservation-expired-after-outage': reservation(SHORT_MS, [...outage, { outcome: 'EXPIRED' }]),
  'reservation-cancelled': reservation(LONG_MS, [{ outcome: 'CANCELLED' }], settled(0)),
  'reservation-gone': reservation(-SHORT_MS, [{ outcome: 'GONE' }]),

  'queue-token-used': queueToken(
    { activeMs: null, turnInMs: LONG_MS, endings: [{ outcome: 'USED' }] },
    admitted(1, LONG_MS),
    ended(2),
  ),
  'queue-token-used-after-extension': queueToken(
    { activeMs: SHORT_MS, turnInMs: 0, endings: [{ ...tooEarly, remainingMs: LONG_MS }, { outcome: 'USED' }] },
    ended(2),
  ),
  'queue-token-expired': queueToken(
    { activeMs: null, turnInMs: LONG_MS, endings: [{ outcome: 'EXPIRED' }] },
    admitted(0, SHORT_MS),
  ),
  'queue-token-expired-after-own-turn': queueToken({
    activeMs: null,
    turnInMs: SHORT_MS,
    turns: [active],
    endings: [{ outcome: 'EXPIRED' }],
  }),
  'queue-token-expired-after-second-turn': queueToken({
    activeMs: null,
    turnInMs: SHORT_MS,
    turns: [waiting, active],
    endings: [{ outcome: 'EXPIRED' }],
  }),
  'queue-token-left-while-waiting': queueToken({ activeMs: null, turnInMs: LONG_MS, turns: [left] }, ended(1)),
  'queue-token-left-while-active': queueToken(
    { activeMs: LONG_MS, turnInMs: 0, endings: [{ outcome: 'LEFT' }] },
    ended(1),
  ),
  'queue-token-left-before-start': queueToken({ activeMs: null, turnInMs: 0, turns: [left] }, ended(0)),
  'queue-token-gone-while-waiting': queueToken({ activeMs: null, turnInMs: SHORT_MS, turns: [gone] }),
  'queue-token-gone-while-active': queueToken({ activeMs: SHORT_MS, turnInMs: 0, endings: [{ outcome: 'GONE' }] }),

  'payment-paid': paymentOf({ settlePayment: scripted(paid), announcePayment: scripted<void>(undefined) }),
  'payment-paid-told-late': paymentOf({
    settlePayment: scripted(paid),
    announcePayment: scripted<void>(new Error('the server is away'), undefined),
  }),
  'payment-paid-asked-twice': paymentAskedTwice(),
  'payment-refused-insufficient-balance': refusedPayment('insufficient_balance'),
  'payment-refused-hold-expired': refusedPayment('hold_expired'),
  'payment-refused-queue-token-ended': refusedPayment('queue_token_ended'),
  'payment-refused-reservation-not-payable': refusedPayment('reservation_not_payable'),

  'sweep-sound': sweep({ I1: 0, I2: 0 }),
  'sweep-violated': sweep({ I1: 0, I2: 3 }),
};
