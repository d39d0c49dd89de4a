import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import type { Database } from '../../src/db/connect';
import { PATIENT } from '../../src/temporal/pace';
import { runDispatcher } from '../../src/worker/dispatcher';
import { queueTokenWorkflowId, reservationWorkflowId } from '../../src/workflows/ids';
import { altered, stopAt } from '../support/altered';
import { until, useDatabase } from '../support/database';
import { useNamespace } from '../support/namespace';
import { leaveUntold, makeUntoldHolds, makeWaiting, UNTOLD } from '../support/untold';

const database = useDatabase();
const { client } = useNamespace();
const { db } = database;

const ONCE_AN_HOUR = 1 / 3_600;
const AT_ONCE = 500;

beforeEach(() => markAllTold());

async function markAllTold(): Promise<void> {
  for (const table of ['reservation', 'waiting_token'])
    await db.raw('UPDATE ?? SET workflow_started_at = NOW(3)', [table]);
}

interface Conditions {
  perSecond(leaveIdle: number): number;
  on?: Database;
  rest?: Parameters<typeof runDispatcher>[2];
}

/** Runs a dispatcher while `work` runs, which is given what it tells, batch by batch. */
async function dispatching(
  { perSecond, on = db, rest }: Conditions,
  work: (told: [string, number][]) => Promise<void>,
) {
  const told: [string, number][] = [];
  const metrics = { told: (kind: string, count: number) => void told.push([kind, count]), failed: () => undefined };
  const deps = { db: on, client, logger: pino({ enabled: false }), metrics };
  const stop = runDispatcher(deps, (leaveIdle) => ({ perSecond: () => perSecond(leaveIdle) }), rest);
  try {
    await work(told);
  } finally {
    await stop();
  }
}

const countOf = (told: [string, number][]) => told.reduce((sum, [, count]) => sum + count, 0);
const statusOf = async (workflowId: string) => (await client.workflow.getHandle(workflowId).describe()).status.name;

test('holds are told at a pace of their own while the lane of the tokens rests for an hour', async () => {
  const [first] = await makeWaiting(db, 2);
  const perSecond = (leaveIdle: number) => (leaveIdle === PATIENT ? ONCE_AN_HOUR : AT_ONCE);
  await dispatching({ perSecond }, async (told) => {
    await until('a token is told', async () => countOf(told) === 1);
    const { ids } = await makeUntoldHolds(db, 12);
    await until('the holds are told', async () => countOf(told) > 1);
    expect(told).toEqual([
      ['waiting-token', 1],
      ['hold', 12],
    ]);
    expect(await statusOf(queueTokenWorkflowId(first as number))).toBe('RUNNING');
    expect(await statusOf(reservationWorkflowId(ids[11] as number))).toBe('RUNNING');
  });
});

describe('waiting tokens, while there is a hold that nobody has told or is telling', () => {
  const CLAIM = /FROM reservation WHERE [^]* status = 'HELD' [^]* FOR UPDATE SKIP LOCKED$/;
  const LOOK = /^SELECT id FROM reservation WHERE [^]* status = 'HELD' [^]* LIMIT 1$/;

  /** The lane of the holds is stopped before its claim; `look` is what becomes of a look for holds. */
  async function whileStopped(look: (sql: string) => string, work: (told: [string, number][]) => Promise<void>) {
    await makeUntoldHolds(db, 1);
    await makeWaiting(db, 2);
    const claim = stopAt(CLAIM);
    const on = altered(database.pool(3), (sql) => claim.change(LOOK.test(sql) ? look(sql) : sql));
    await dispatching({ perSecond: () => AT_ONCE, on }, async (told) => {
      // Whatever becomes of the test, the dispatcher can only be stopped when its claim has gone on.
      await claim.reached.then(() => work(told)).finally(claim.go);
      await until('all are told', async () => countOf(told) === 3);
    });
  }

  test('are not started', async () => {
    let looks = 0;
    const counted = (sql: string) => ((looks += 1), sql);
    await whileStopped(counted, async (told) => {
      await until('it was looked for holds some times', async () => looks > 2);
      expect(told).toEqual([]);
    });
  });

  test('control: are started when nobody looks for one', async () => {
    const blind = (sql: string) => sql.replace(/LIMIT 1$/, 'LIMIT 0');
    await whileStopped(blind, async (told) => {
      await until('they are told', async () => countOf(told) > 0);
      expect(told).toEqual([['waiting-token', 2]]);
    });
  });
});

test('those let in are told first of all tokens, then those who left, and those who wait come last', async () => {
  const waiting = await makeWaiting(db, 3);
  await UNTOLD['active-token'](db, 2);
  await leaveUntold(db, waiting[0] as number);
  await dispatching({ perSecond: () => AT_ONCE }, async (told) => {
    await until('all are told', async () => countOf(told) === 5);
    expect(told).toEqual([
      ['active-token', 2],
      ['left-token', 1],
      ['waiting-token', 2],
    ]);
  });
});

test.each([
  ['hold', 1, 2],
  ['cancelled-hold', 1, 2],
  ['active-token', 2, 4],
  ['left-token', 1, 2],
] as const)(
  'on a machine without any time to spare, every %s is told, %i every half second: %i a second; who waits is not',
  async (kind, atOnce, perSecond) => {
    await UNTOLD[kind](db, 2 * perSecond);
    await makeWaiting(db, 1);
    const rests: number[] = [];
    const rest = (ms: number, signal: AbortSignal) => (rests.push(ms), delay(1, undefined, { signal }));
    await dispatching({ perSecond: () => 0, rest }, async (told) => {
      await until('all are told', async () => countOf(told) === 2 * perSecond);
      expect(told).toEqual(Array.from({ length: (2 * perSecond) / atOnce }, () => [kind, atOnce]));
      expect(Math.max(...rests)).toBeLessThanOrEqual(500);
    });
  },
);
