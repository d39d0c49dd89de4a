import { API } from '../../src/api/paths';
import type { QueueTokenView } from '../../src/contracts/queue';
import type { Bench } from '../bench';
import type { QueuedFan } from '../fans';
import { holdRequests } from '../halls';
import { CONNECTIONS } from '../load/load';
import type { RunResult } from '../load/plan';
import { requestText } from '../load/request';
import { cpuMsOfOne, readCpuMs } from '../processes';
import { becomeQuiet } from '../quiet';

/** The same work, shared out evenly among one system or several. */
export interface Shared {
  /** Until the last reply, and until every row has its workflow. */
  perSecond: number;
  toldPerSecond: number;
  /** Processor time of one request, by process, of all systems that worked together. */
  cpuMs: Record<string, number>;
  /** From the first request until the systems were quiet again, for each of the requests. */
  secondsOfOne: number;
}

export const QUEUE = 'two';

/** `count` users join, then each of them holds two seats; both with their workflows. */
export async function joinAndHold(benches: Bench[], count: number): Promise<Record<'join' | 'hold', Shared>> {
  const each = count / benches.length;
  const halls = await Promise.all(benches.map((bench) => bench.halls.open('Two', QUEUE, 2 * each)));
  const fans = await Promise.all(benches.map((bench) => bench.fans.make(each)));
  const ask = { method: 'POST', path: `${API}/queue/tokens`, body: { queue: QUEUE } } as const;
  const joins = await share(benches, (index) =>
    (fans[index] ?? []).map(({ accessToken }) => requestText({ ...ask, accessToken })),
  );
  const queued = fans.map((some, index) =>
    some.map((fan, at): QueuedFan => {
      const { token } = JSON.parse(joins.results[index]?.bodies[at] as string) as QueueTokenView;
      return { ...fan, queueToken: token };
    }),
  );
  const holds = await share(benches, (index) => {
    const hall = halls[index] as (typeof halls)[number];
    return holdRequests('two', hall, hall.seatIds, queued[index] as QueuedFan[]);
  });
  return { join: joins.shared, hold: holds.shared };
}

/** As many connections in all, however many systems there are. */
async function share(
  benches: Bench[],
  requestsOf: (index: number) => string[],
): Promise<{ shared: Shared; results: RunResult[] }> {
  const pool = 'shared work';
  await Promise.all(benches.map((bench, index) => bench.load.load(pool, requestsOf(index))));
  for (const bench of benches) await becomeQuiet(bench);
  const before = readAll(benches);
  const fromMs = performance.now();
  const plan = { pool, connections: CONNECTIONS / benches.length, expected: [201] };
  const once = { warmUpMs: 0, measureMs: null, cycle: false, capture: true, pauseMs: 0 };
  const results = await Promise.all(benches.map(({ load, api }) => load.run({ ...plan, ...once, target: api })));
  const answeredSeconds = (performance.now() - fromMs) / 1_000;
  const behind = await Promise.all(benches.map(becomeQuiet));
  const seconds = (performance.now() - fromMs) / 1_000;
  const toldSeconds = answeredSeconds + Math.max(...behind.map((one) => one.seconds));
  const count = results.reduce((sum, { replies }) => sum + replies, 0);
  const shared = {
    perSecond: count / answeredSeconds,
    toldPerSecond: count / toldSeconds,
    cpuMs: cpuMsOfOne(before, readAll(benches), count),
    secondsOfOne: seconds / count,
  };
  return { shared, results };
}

/** The processor time that processes of one name have used in all these systems. */
export function readAll(benches: Bench[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { system } of benches) {
    for (const [name, ms] of Object.entries(readCpuMs(system.pids))) sums[name] = (sums[name] ?? 0) + ms;
  }
  return sums;
}
