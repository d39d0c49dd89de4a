/** `npm run bench -- waiting`: payments while 100,000 tokens wait for their workflows, and what the API remembers of them. */
import { selectOne, write } from '../../src/db/sql';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { openLine, type Line } from '../growth/line';
import { CONNECTIONS } from '../load/load';
import { prepareOrders } from '../payments/orders';
import { readMemory } from '../processes';
import { becomeQuiet } from '../quiet';
import { markdownTable, writePage } from '../results';
import { percentile } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';

const PAGE = { name: 'waiting', title: 'A long line', command: 'npm run bench -- waiting' };
const WAITING = 100_000;
const QUEUE = 'waiting';
const ROUNDS = 3;
const PAYMENTS = 100;
/** About six payments a second: the system is used, and not full. */
const PAYERS = 2;
const PAUSE_MS = 250;

async function main(): Promise<void> {
  const bench = await openBench(readSystem(), (PAYMENTS * PAUSE_MS) / PAYERS / 1_000);
  try {
    const circumstances = await readCircumstances(bench);
    const line = await openLine(bench, QUEUE);
    await line.grow(WAITING);
    const lines = [...(await measurePayments(bench)), await measureMemory(bench, line)];
    console.log(writePage(PAGE, circumstances, [markdownTable(['', ''], lines)]));
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await bench.close();
  }
}

/** In turn with the whole line told, and with none of it: then the dispatcher starts their workflows meanwhile. */
async function measurePayments(bench: Bench): Promise<[string, string][]> {
  const [quietMs, busyMs]: [number[], number[]] = [[], []];
  const line = await findLine(bench);
  let [started, seconds] = [0, 0];
  // It finds cold code.
  await pay(bench);
  for (let round = 0; round < ROUNDS; round += 1) {
    quietMs.push(...(await pay(bench)));
    const orders = await prepareOrders(bench, PAYMENTS);
    await becomeQuiet(bench);
    const before = await line.untell();
    const fromMs = performance.now();
    busyMs.push(...(await orders.pay(PAYERS, PAUSE_MS)));
    seconds += (performance.now() - fromMs) / 1_000;
    started += before - (await line.tell());
  }
  const [quiet, busy] = [quietMs, busyMs].map((ms) => [0.5, 0.99].map((share) => percentile(ms.sort(byValue), share)));
  const [[quietP50, quietP99], [busyP50, busyP99]] = [quiet, busy] as [[number, number], [number, number]];
  const count = `${ROUNDS * PAYMENTS} payments, ${PAYERS} at a time`;
  return [
    [`${count}, nothing else`, `p50 ${quietP50.toFixed(1)}, p99 ${quietP99.toFixed(1)} ms`],
    [
      `with ${WAITING.toLocaleString('en')} tokens to be started`,
      `p50 ${busyP50.toFixed(1)}, p99 ${busyP99.toFixed(1)} ms: ${(busyP99 / quietP99).toFixed(2)} times at p99 (goal: 2)`,
    ],
    ['their workflows started meanwhile', `${(started / seconds).toFixed(1)}/s`],
  ];
}

async function pay(bench: Bench): Promise<number[]> {
  const orders = await prepareOrders(bench, PAYMENTS);
  await becomeQuiet(bench);
  return orders.pay(PAYERS, PAUSE_MS);
}

const byValue = (a: number, b: number): number => a - b;

/** The line as the dispatcher sees it. */
interface Untold {
  /** Takes for not told whoever has no workflow yet; how many that are. */
  untell(): Promise<number>;
  /** Takes the rest for told; how many that are. */
  tell(): Promise<number>;
}

async function findLine({ db }: Bench): Promise<Untold> {
  const queue = await selectOne<{ id: number }>(db, 'SELECT id FROM queue WHERE name = ?', [QUEUE]);
  // Claims go by id: up to this one, workflows have been started.
  let toldId = 0;
  const set = async (told: boolean): Promise<number> => {
    const { affectedRows } = await write(
      db,
      `UPDATE waiting_token SET workflow_started_at = ${told ? 'NOW(3)' : 'NULL'}, workflow_claimed_until = NULL
       WHERE queue_id = ? AND status = 'WAITING' AND id > ? AND workflow_started_at IS ${told ? '' : 'NOT'} NULL`,
      [queue?.id, toldId],
    );
    return affectedRows;
  };
  return {
    untell: () => set(false),
    tell: async () => {
      const sql = `SELECT MAX(id) AS id FROM waiting_token WHERE queue_id = ? AND workflow_started_at IS NOT NULL`;
      const last = await selectOne<{ id: number | null }>(db, sql, [queue?.id]);
      const rest = await set(true);
      toldId = last?.id ?? 0;
      return rest;
    },
  };
}

/** Each asks for its place once, so that the API knows all of them. */
async function measureMemory({ load, api, system }: Bench, line: Line): Promise<[string, string]> {
  const pool = 'the whole line';
  await load.load(pool, await line.polls());
  const once = { warmUpMs: 0, measureMs: null, cycle: false, capture: false, pauseMs: 0 };
  await load.run({ target: api, pool, connections: CONNECTIONS, expected: [200], ...once });
  const { nowMb, peakMb } = readMemory(system.pids.api);
  return [
    'memory of the API once each of them has asked for its place',
    `${nowMb.toFixed(0)} MB, ${peakMb.toFixed(0)} MB at the most (goal: 250)`,
  ];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
