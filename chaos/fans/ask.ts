import { AssertionError } from 'node:assert/strict';
import type { CallOptions, Fan } from '../../test/support/fan';
import type { Reply } from '../../test/support/http';
import type { Random } from '../random';
import type { World } from '../world';

/** Longer than the API takes for a payment (15 s), so that a frozen process is what makes a fan give up. */
const REPLY_MS_MAX = 18_000;
const IMPATIENT = 0.03;
const IMPATIENT_MS_MAX = 80;

/** A nervous finger: the same request at once, perhaps at two processes. */
export const TWICE = 0.1;

/** What a fan who sends right requests about their own things can be refused with. */
const EXPECTED: ReadonlySet<string> = new Set([
  'unavailable',
  'idempotency_in_flight',
  'seat_taken',
  'seat_contended',
  'ticket_limit_exceeded',
  'queue_token_waiting',
  'queue_token_ended',
  'insufficient_balance',
  'hold_expired',
  'reservation_not_payable',
  'reservation_not_cancellable',
]);

/** A fan's call at one API process or the other; `undefined` when no reply came. Some fans do not wait for theirs. */
export async function ask<Body>(
  world: World,
  fan: Fan,
  random: Random,
  operationId: string,
  options: CallOptions = {},
): Promise<Reply<Body> | undefined> {
  const api = random.pick(world.apis);
  const waitMs = random.chance(IMPATIENT) ? random.between(1, IMPATIENT_MS_MAX) : REPLY_MS_MAX;
  const about = { userId: fan.userId, api: api.url, key: options.key, json: options.json, id: options.id };
  const startedMs = performance.now();
  const record = (outcome: string, more: object = {}) =>
    world.journal.request(operationId, outcome, { ...about, ...more, ms: Math.round(performance.now() - startedMs) });
  try {
    const reply = await fan
      .at(api)
      .call<Body>(operationId, { ...options, signal: AbortSignal.timeout(Math.ceil(waitMs)) });
    record(reply.problem?.code ?? String(reply.status), { reply: reply.text.slice(0, 600) });
    if (reply.problem && !EXPECTED.has(reply.problem.code)) {
      world.model.violate('wrong', `${operationId} of user ${fan.userId}: ${reply.text}`);
    }
    return reply;
  } catch (error) {
    const { message } = error as Error;
    record('no reply', { message });
    if (error instanceof AssertionError) world.model.violate('wrong', `${operationId}: ${message}`);
    return undefined;
  }
}

/** A reply that says nothing about what became of the request. */
export function isUnknown(reply: Reply | undefined): boolean {
  return !reply || reply.status >= 500 || reply.problem?.code === 'idempotency_in_flight';
}
