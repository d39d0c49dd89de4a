import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportPlan } from '../../src/db/plan';
import { write } from '../../src/db/sql';
import { checkOpenWorkflows } from '../../src/temporal/inspect';
import { newFan, newGuest, newSale, rowPlan } from '../support/fan';
import { countOf, makeSale } from '../support/fixtures';
import { eventually, root, startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
const open = async () => (await checkOpenWorkflows(system.client, system.db)).rows;

beforeAll(async () => {
  system = await startTestSystem('check', { checked: false });
});
afterAll(() => system.stop());

function check(env: Record<string, string | undefined> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/check.mjs')], {
    env: { ...system.env, ...env },
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

test('`npm run check` of a sound system: a line for each invariant, exit code 0', () => {
  const { status, text } = check();
  expect(text.match(/^holds {4}I\d+/gm)?.length).toBeGreaterThanOrEqual(13);
  expect(text).not.toMatch(/VIOLATED|not checked/);
  expect(status).toBe(0);
});

describe('`npm run import-plan`', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'frontrow-plan-'));
  const file = (name: string, content: unknown) => {
    writeFileSync(path.join(dir, name), JSON.stringify(content));
    return path.join(dir, name);
  };
  const importPlan = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(root, 'scripts/import-plan.mjs'), ...args],
      {
        env: system.env,
        encoding: 'utf8',
      },
    );
    return { status, text: stdout + stderr };
  };
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('makes the seats of a date by a file, or says every fault of it and makes none', async () => {
    const { scheduleId } = await makeSale(system.db, { seats: 0 });
    const to = ['--schedule', String(scheduleId)];
    const plan = file('plan.json', rowPlan(3));

    expect(importPlan(plan, ...to)).toEqual({ status: 1, text: expect.stringContaining('/prices/R: is missing') });
    const broken = file('broken.json', { plan: { ...rowPlan(3), categories: [] }, prices: { S: 1 } });
    expect(importPlan(broken, ...to).text).toMatch(
      /has 4 faults\.\n.*seats\/0\/category: .*\n.*seats\/1.*\n.*seats\/2.*\n.*\/prices\/S: /,
    );
    expect(await countOf(system.db, 'concert_seat', 'concert_schedule_id = ?', [scheduleId])).toBe(0);

    expect(importPlan(plan, ...to, '--price', 'R=700')).toEqual({
      status: 0,
      text: `schedule ${scheduleId} has 3 seats now\n`,
    });
    expect(await countOf(system.db, 'concert_seat', 'concert_schedule_id = ? AND price = 700', [scheduleId])).toBe(3);
    const again = importPlan(file('export.json', await exportPlan(system.db, scheduleId)), ...to);
    expect(again).toEqual({ status: 1, text: expect.stringContaining('has seats already') });
    expect(importPlan(plan).text).toContain('usage:');
  });
});

test('without Temporal it says what it did not check; without a database its exit code is 2', () => {
  expect(check({ TEMPORAL_ADDRESS: '' })).toMatchObject({ status: 0, text: expect.stringContaining('not checked') });
  expect(check({ DATABASE_URL: 'mysql://nobody:nothing@127.0.0.1:1/none' }).status).toBe(2);
});

test('a Temporal that cannot be reached does not keep what the rows say', () => {
  const { status, text } = check({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(text).toMatch(/^holds {4}I4_balance/m);
  expect(text).toContain('not checked: I14_open_workflow');
  expect(status).toBe(2);
});

test('control: money from nowhere, and a workflow that outlives its row, are found; exit code 1 and the rows', async () => {
  const sale = await newSale(await newFan(system, 'admin'));
  const fan = await newGuest(system, sale);
  const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  await eventually(
    'the hold has its workflow',
    async () =>
      (await system.client.workflow.count(`WorkflowType = 'reservation' AND ExecutionStatus = 'Running'`)).count,
    (count) => count === 1,
  );
  expect(await open()).toEqual([]);

  const { db } = system;
  await write(db, 'UPDATE asset SET balance = balance + 1 WHERE user_id = ?', [fan.userId]);
  await write(
    db,
    `UPDATE reservation SET status = 'CANCELLED', completed_at = NOW(3) - INTERVAL 90 SECOND,
       workflow_started_at = NOW(3) WHERE id = ?`,
    [held.id],
  );
  await write(
    db,
    `UPDATE concert_seat SET status = 'FREE', held_until = NULL, reservation_id = NULL WHERE reservation_id = ?`,
    [held.id],
  );

  expect(await open()).toEqual([{ workflow: 'reservation', rowId: held.id }]);
  await system.client.workflow.start('payment', { workflowId: `payment-${held.id}`, taskQueue: 'served-by-nobody' });
  const inAMinute = async () => (await checkOpenWorkflows(system.client, db, Date.now() + 61_000)).rows;
  await eventually('the payment is seen', inAMinute, (rows) => rows.length === 2);
  expect(await inAMinute()).toContainEqual({ workflow: 'payment', rowId: held.id });
  expect(await open()).toHaveLength(1);
  const { status, text } = check();
  expect(status).toBe(1);
  expect(text).toMatch(new RegExp(`VIOLATED I4_balance.*\\n +.*"userId":${fan.userId}`));
  expect(text).toMatch(new RegExp(`VIOLATED I14_open_workflow.*\\n +.*"rowId":${held.id}`));
  expect(check({ TEMPORAL_ADDRESS: '127.0.0.1:1' }).status).toBe(1);
});
