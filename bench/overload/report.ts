import type { Circumstances } from '../circumstances';
import { markdownTable, writePage } from '../results';
import { percentile } from '../statistics';
import { INSIDE } from './inside';
import type { Phase } from './phases';
import type { OpenLoopResult, Replies } from './plan';

const PAGE = { name: 'overload', title: 'Overload', command: 'npm run bench -- overload' };
const PHASES = ['normal', 'control', 'rush'];
const OTHERS_CORES_MAX = 0.3;

export interface Measured {
  circumstances: Circumstances;
  /** Joins a second. */
  sustainable: number;
  perSecond: number;
  phases: Phase[];
}

/** Shows what was measured and writes it to `results/overload.md`. */
export async function report({ circumstances, sustainable, perSecond, phases }: Measured): Promise<void> {
  const undisturbed = phases.filter(({ round }) => !isDisturbed(phases, round));
  const counted = undisturbed.length > 0 ? undisturbed : phases;
  const named = (name: string) => counted.filter((phase) => phase.name === name);
  const rounds = `${counted.length / PHASES.length} of ${phases.length / PHASES.length} counted${verdict(undisturbed)}`;
  const rates = `${sustainable.toFixed(0)} joins a second; the rush: ${perSecond} a second`;
  const text = writePage(PAGE, { ...circumstances, rounds, sustainable: rates }, [
    markdownTable(['inside', 'phase', 'replies', 'p50 ms', 'p99 ms', 'max ms', 'p99 of normal'], insideRows(named)),
    markdownTable(['crowd', 'status', 'replies', 'a second', 'p50 ms', 'p99 ms', 'with Retry-After'], crowdRows(named)),
    markdownTable(['phase', 'api MB', 'cores', 'connections', 'unanswered'], phases.map(phaseCells)),
  ]);
  console.log(text);
}

/** Other programs took so much of the machine in one of its phases that they were measured, not we. */
function isDisturbed(phases: Phase[], round: number): boolean {
  return phases.some((phase) => phase.round === round && (phase.cores.others ?? 0) > OTHERS_CORES_MAX);
}

function verdict(undisturbed: Phase[]): string {
  if (undisturbed.length > 0) return `; in the others, other programs took more than ${OTHERS_CORES_MAX} cores`;
  return `; DOUBTFUL: in each of them other programs took more than ${OTHERS_CORES_MAX} cores`;
}

function insideRows(named: (name: string) => Phase[]): string[][] {
  const latencies = (name: string, stream: string) =>
    named(name)
      .flatMap(({ inside }) => inside.replies.filter((replies) => replies.stream === stream))
      .flatMap((replies) => [...replies.latenciesMs])
      .sort((a, b) => a - b);
  return INSIDE.flatMap(({ name: stream }) => {
    const normalP99 = percentile(latencies('normal', stream), 0.99);
    return PHASES.map((phase) => {
      const all = latencies(phase, stream);
      const p99 = percentile(all, 0.99);
      const times = [percentile(all, 0.5), p99, all.at(-1) ?? Number.NaN].map((ms) => ms.toFixed(1));
      return [
        stream,
        phase,
        `${all.length}${describeRefused(named(phase), stream)}`,
        ...times,
        `× ${(p99 / normalP99).toFixed(2)}`,
      ];
    });
  });
}

/** Nobody inside is to be refused: whoever is has to be seen. */
function describeRefused(phases: Phase[], stream: string): string {
  const refused = phases
    .flatMap(({ inside }) => inside.replies)
    .filter((replies) => replies.stream === stream && replies.status >= 400)
    .map((replies) => `${replies.latenciesMs.length} × ${replies.status}`);
  return refused.length > 0 ? ` (${refused.join(', ')})` : '';
}

function crowdRows(named: (name: string) => Phase[]): string[][] {
  return PHASES.flatMap((name) => {
    const crowds = named(name).flatMap(({ crowd }) => crowd ?? []);
    const statuses = [...new Set(crowds.flatMap(({ replies }) => replies.map(({ status }) => status)))];
    return statuses.map((status) => crowdCells(name, status, crowds));
  });
}

function crowdCells(name: string, status: number, crowds: OpenLoopResult[]): string[] {
  const replies = crowds.flatMap((crowd) => crowd.replies.filter((some) => some.status === status));
  const ms = replies.flatMap(({ latenciesMs }) => [...latenciesMs]).sort((a, b) => a - b);
  const seconds = sum(crowds.map((crowd) => crowd.seconds));
  const withRetryAfter = sum(replies.map((some: Replies) => some.withRetryAfter));
  const times = [percentile(ms, 0.5), percentile(ms, 0.99)].map((value) => value.toFixed(1));
  return [name, String(status), String(ms.length), (ms.length / seconds).toFixed(0), ...times, String(withRetryAfter)];
}

function phaseCells({ name, memory, cores, inside, crowd }: Phase): string[] {
  const used = Object.entries(cores).map(([who, share]) => `${who} ${share.toFixed(2)}`);
  return [
    name,
    `${memory.nowMb.toFixed(0)}, at most ${memory.peakMb.toFixed(0)}`,
    used.join(', '),
    String(crowd?.connections ?? inside.connections),
    String((crowd?.unanswered ?? 0) + inside.unanswered),
  ];
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
