import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Database } from '../db/connect';
import { findOutcomes, KeyTaken, type IdempotencyKey } from '../db/idempotency';
import { ERRORS, invalid, Refusal } from '../errors';
import type { Identify, Identity } from './auth';
import { createLookup } from './batches';
import { sendJson, type HeaderList } from './reply';

/** What an effect answers; exactly the reply that is stored under its key. */
export interface Reply {
  status: number;
  body: unknown;
}

/** Guard, body, act, in this order. Stores its 2xx reply under `key` in the transaction of its effect. */
export type Effect = (req: Request, user: Identity, key: IdempotencyKey) => Promise<Reply>;

interface Deps {
  db: Database;
  identify: Identify;
}

/** Wraps an effect; `location` is the address of what a 201 made, if it has one. */
export type Idempotent = (effect: Effect, location: (body: unknown) => string | undefined) => RequestHandler;

/** No request of ours is deeper; a body of thousands of brackets must not exhaust the stack. */
const DEPTH_MAX = 20;
/** 1 to 255 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Makes effects happen once per user and Idempotency-Key: a key under way is 409 `idempotency_in_flight`, a stored
 * outcome is replayed (422 if the request differs), otherwise the effect runs. Refusals are not stored.
 */
export function createIdempotent({ db, identify }: Deps): Idempotent {
  const inFlight = new Set<string>();
  const findOutcome = createLookup((keys: readonly IdempotencyKey[]) => findOutcomes(db, keys));
  const replay = async (key: IdempotencyKey): Promise<Reply | undefined> => {
    const stored = await findOutcome(key);
    if (stored && !stored.fingerprint.equals(key.fingerprint)) {
      throw new Refusal('idempotency_key_reused', 'This Idempotency-Key belongs to an earlier, different request.');
    }
    return stored;
  };
  return (effect, location) => async (req, res) => {
    const user = await identify(req);
    const key = readKey(req, user.userId);
    const slot = `${key.userId} ${key.hash.toString('hex')}`;
    if (inFlight.has(slot)) throw new Refusal('idempotency_in_flight', 'The first request with this key is under way.');
    inFlight.add(slot);
    try {
      const stored = await replay(key);
      if (stored) return sendReplay(res, stored, location);
      send(res, await effect(req, user, key), location);
    } catch (error) {
      if (!mayHaveSucceededElsewhere(error)) throw error;
      const stored = await replay(key);
      if (!stored) throw error;
      sendReplay(res, stored, location);
    } finally {
      inFlight.delete(slot);
    }
  };
}

/**
 * The same request may have been answered by another process meanwhile: its own success is then what it lost against.
 * After a retryable refusal nothing is looked up: the next try will be replayed.
 */
function mayHaveSucceededElsewhere(error: unknown): boolean {
  return error instanceof KeyTaken || (error instanceof Refusal && !ERRORS[error.code].retryable);
}

function sendReplay(res: Response, reply: Reply, location: (body: unknown) => string | undefined): void {
  send(res, reply, location, ['Idempotency-Replayed', 'true']);
}

function send(
  res: Response,
  { status, body }: Reply,
  location: (body: unknown) => string | undefined,
  headers: HeaderList = [],
): void {
  const address = status === 201 ? location(body) : undefined;
  sendJson(res, status, body, address ? [...headers, 'Location', address] : headers);
}

function readKey(req: Request, userId: number): IdempotencyKey {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') {
    throw new Refusal('idempotency_key_required', 'Send a new Idempotency-Key with every new intention.');
  }
  if (!KEY.test(key)) {
    throw invalid({ pointer: '/Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' });
  }
  return { userId, hash: sha256(key), fingerprint: sha256(`${req.method} ${req.path}\n${canonical(req.body)}`) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** JSON in which neither white space nor the order of members makes a difference. */
export function canonical(value: unknown, depth = 0): string {
  if (value instanceof Refusal || depth > DEPTH_MAX) return 'unreadable';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'none';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, depth + 1)}`).join(',')}}`;
}
