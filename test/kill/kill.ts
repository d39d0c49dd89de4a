import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Reply } from '../support/http';
import type { ApiProcess } from '../support/system';
import type { Trails } from './trails';
import type { Try, Write } from './writes';

/** The longest promise of the API is a payment's 15 s, and one more try. */
const ANSWERED_MS = 40_000;
const RETRY_MS = 50;
/** What a request leaves to do in the background is done within a second; on a busy machine somewhat later. */
const BACKGROUND_MS = 2_000;
/** Longer than the longest pause in which something is still to come: starts are noted four times a second. */
const QUIET_MS = 400;
/** A lost start is found after 2 s; what a killed worker had is found after its time-outs. */
const SETTLED_MS = 60_000;
const LOOK_MS = 100;
/** What is there already is a fault of the request, or is in its way. */
const REFUSED: ReadonlySet<number> = new Set([400, 409]);

/** What became of one write whose process was killed at one point. */
export interface Killed {
  write: string;
  point: string;
  /** False where the process never came to this point, and so was not killed. */
  reached: boolean;
  /** Whether the effect was there before the client repeated its request. */
  done: boolean;
  /** From the kill to the answer of the repeated request. */
  answeredMs: number;
  /** From the kill until rows and workflows were at rest. */
  settledMs: number;
}

let tries = 0;

/** Runs a write once, watched, and gives the points of its trail. */
export async function record(trails: Trails, victim: ApiProcess, write: Write): Promise<string[]> {
  const trail = `try-${(tries += 1)}`;
  const attempt = await write.prepare();
  trails.watch(trail);
  await attempt.known?.at(victim).charge(1);
  await attempt.send(victim, trail);
  await settled(write.name, attempt);
  return quiet(trails, trail);
}

/** A trail, once nothing is added to it any more. */
export async function quiet(trails: Trails, name: string): Promise<string[]> {
  for (let length = -1; length < trails.read(name).length; await sleep(QUIET_MS)) length = trails.read(name).length;
  return trails.read(name);
}

/**
 * Runs a write whose process dies at `point`, starts that process again, repeats the request as a client would, and
 * checks that the effect is there once and the answer is that of the first. Gives the waiting for the end separately,
 * so that the next point need not wait.
 */
export async function killAt(trails: Trails, victim: ApiProcess, other: { url: string }, write: Write, point: string) {
  const trail = `try-${(tries += 1)}`;
  const attempt = await write.prepare();
  await attempt.known?.at(victim).charge(1);
  trails.watch(trail, point);
  const died = victim.exited.then(() => true);
  const first = await attempt.send(victim, trail).catch(() => undefined);
  const reached = await Promise.race([died, sleep(first ? BACKGROUND_MS : ANSWERED_MS, false, { ref: false })]);
  const killedMs = trails.killedAtMs(trail) ?? Date.now();
  const done = (await attempt.effects()) > 0;
  await victim.restart();
  const again = await answer(() => attempt.send(victim));
  const answeredMs = Date.now() - killedMs;
  const faults = await faultsOf(write, attempt, {
    first,
    again,
    done,
    repeated: await answer(() => attempt.send(other)),
  });
  if (faults.length > 0) throw new Error(`${write.name}, killed ${point}: ${faults.join('; ')}`);
  const rest = settled(`${write.name}, killed ${point}`, attempt);
  // Whoever runs the next point meanwhile looks at it later.
  rest.catch(() => undefined);
  return {
    reached,
    atRest: rest.then((): Killed => {
      return { write: write.name, point, reached, done, answeredMs, settledMs: Date.now() - killedMs };
    }),
  };
}

/** Looks only now and then: many may be waited for at once. */
export async function settled(
  what: string,
  attempt: Pick<Try, 'settled'>,
  deadlineMs = within(SETTLED_MS),
): Promise<void> {
  for (; !(await attempt.settled()); await sleep(LOOK_MS)) {
    if (Date.now() > deadlineMs()) throw new Error(`${what}: not at rest in time`);
  }
}

function within(ms: number): () => number {
  const deadlineMs = Date.now() + ms;
  return () => deadlineMs;
}

/** Repeats a request, as a client would, until there is an answer that repeating does not change. */
export async function answer(send: () => Promise<Reply>, withinMs = ANSWERED_MS): Promise<Reply> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const reply = await send().catch(() => undefined);
    if (reply && !reply.problem?.retryable) return reply;
    if (Date.now() > deadline) throw new Error(`no answer in ${withinMs} ms; last: ${reply?.text}`);
    await sleep(RETRY_MS);
  }
}

interface Answers {
  /** `undefined` where the process died before. */
  first: Reply | undefined;
  again: Reply;
  repeated: Reply;
  done: boolean;
}

async function faultsOf({ repeated: how }: Write, attempt: Try, answers: Answers): Promise<string[]> {
  const { first, again, repeated, done } = answers;
  const effects = await attempt.effects();
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const most = how === 'again' ? 3 : 1;
  expect(effects >= 1 && effects <= most, `the effect is there ${effects} times`);
  const replies = [first, again, repeated].filter((reply) => reply !== undefined);
  const failed = replies.filter(({ status }) => status >= 400 && !(how === 'refused' && REFUSED.has(status)));
  expect(failed.length === 0, `answered ${failed.map(({ status, text }) => `${status} ${text}`).join()}`);
  if (how === 'replayed') {
    expect(!done || isReplay(again), 'the effect was there, and its reply was not given again');
    expect(isReplay(repeated), 'the repeated request was not answered from what is stored');
    const [stored] = replies.slice(-1);
    expect(
      replies.every((reply) => isDeepStrictEqual(reply.body, stored?.body)),
      'two answers to one request',
    );
  }
  if (how === 'same') expect(identity(again) === identity(repeated), 'another thing was given');
  if (how === 'same' && first) expect(identity(first) === identity(again), 'another thing was given after the kill');
  if (how === 'refused' && done) expect(REFUSED.has(again.status), 'what was there was made again');
  return faults;
}

const isReplay = ({ headers }: Reply): boolean => headers['idempotency-replayed'] === 'true';

/** What a reply is about: the token, the reservation, the queue. */
function identity({ body }: Reply): unknown {
  const { token, id, name } = (body ?? {}) as Record<string, unknown>;
  return token ?? id ?? name;
}
