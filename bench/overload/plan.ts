import type { Target } from '../load/plan';

/** Requests of one kind, sent at a constant rate in the order given, and again from the first at their end. */
export interface Stream {
  name: string;
  perSecond: number;
}

export interface OpenLoopPlan {
  target: Target;
  streams: Stream[];
  seconds: number;
}

/** The replies of one kind with one status. */
export interface Replies {
  stream: string;
  status: number;
  /** From the moment the request was due to the reply, in ms. */
  latenciesMs: Float64Array;
  /** How many of them said when to ask again. */
  withRetryAfter: number;
}

export interface OpenLoopResult {
  replies: Replies[];
  /** Due but not sent for want of a connection, or sent on one that was closed: without a reply. */
  unanswered: number;
  /** From the first request to the last, in s: longer than planned where the sender did not keep up. */
  seconds: number;
  connections: number;
}

export type SenderRequest =
  | { load: { stream: string; requests: string[] } }
  | { sign: { stream: string; secret: string; firstUserId: number; users: number; queue: string } }
  /** From now on the system under test comes first where both want a core. */
  | { yieldTo: 'system' }
  | { run: OpenLoopPlan };
