import type { QueueTokenView } from '../../src/contracts/queue';
import { CLOCK_SLACK_MS, type Violated } from './violations';

/** An API process answers a poll from what it read this long ago at the most (STALE_MS of its snapshot). */
const STALE_MS = 10_000;

export interface Token {
  readonly id: number;
  readonly userId: number;
  readonly queue: string;
  activatedMs?: number;
  /** Until here it lives, whatever became of the requests whose replies were lost. */
  surelyUntilMs: number;
  created: boolean;
  payAsked: boolean;
  leaveAsked: boolean;
  /** ENDED: it was given up, and had perhaps ended otherwise before. */
  status: QueueTokenView['status'] | 'ENDED';
  /** When it was first known to have been let in, or to have ended. */
  movedMs: number;
}

const ENDED: ReadonlySet<string> = new Set(['ENDED', 'USED', 'EXPIRED', 'LEFT']);

/** Who stands in line and who was let in, as far as acknowledged replies say. */
export class Line {
  readonly tokens = new Map<number, Token>();
  /** By queue, in ticket order: ids are given in that order. */
  private readonly admitted = new Map<string, Token[]>();
  private readonly latest = new Map<string, Token>();

  constructor(
    private readonly violated: Violated,
    private readonly activeMs: number,
  ) {}

  issued(view: QueueTokenView, userId: number, status: number, askedMs: number): void {
    const id = tokenId(view);
    const holder = `${userId} in ${view.queue}`;
    const before = this.latest.get(holder);
    if (before?.id !== id) {
      if (before && Date.parse(view.issuedAt) < before.surelyUntilMs - CLOCK_SLACK_MS) {
        this.violated('doubled', `user ${holder} got token ${id} while token ${before.id} lived`);
      }
      const surelyUntilMs = Date.parse(view.issuedAt) + this.activeMs;
      const [payAsked, leaveAsked] = [false, false];
      const { queue } = view;
      const known = { surelyUntilMs, payAsked, leaveAsked, created: false, status: view.status, movedMs: Date.now() };
      const token: Token = { id, userId, queue, ...known };
      this.latest.set(holder, token);
      this.tokens.set(id, token);
    }
    const token = this.tokens.get(id)!;
    if (status === 201 && token.created) this.violated('doubled', `token ${id} was issued twice`);
    token.created ||= status === 201; // of two requests at once, either reply may be read first
    this.saw(view, askedMs);
  }

  /** A request that may end it was sent. */
  mayEnd(id: number, by: 'pay' | 'leave', sentMs = Date.now()): void {
    const token = this.tokens.get(id);
    if (!token) return;
    if (by === 'pay') token.payAsked = true;
    else token.leaveAsked = true;
    token.surelyUntilMs = Math.min(token.surelyUntilMs, sentMs);
  }

  /** Giving it up was acknowledged, which it is for a token that has ended otherwise as well. */
  left(id: number): void {
    const token = this.tokens.get(id);
    if (token && !ENDED.has(token.status)) Object.assign(token, { status: 'ENDED', movedMs: Date.now() });
  }

  saw(view: QueueTokenView, askedMs: number): void {
    const token = this.tokens.get(tokenId(view));
    if (!token) return;
    // The other process may not have heard of it yet: a place in line is no promise.
    if (view.status === 'WAITING' && token.status !== 'WAITING' && askedMs < token.movedMs + STALE_MS) return;
    this.checkMove(token, view);
    if (token.status !== view.status) token.movedMs = Date.now();
    token.status = view.status;
    if (view.activatedAt && token.activatedMs === undefined) this.admit(token, Date.parse(view.activatedAt));
    if (token.payAsked || token.leaveAsked) return;
    if (view.status === 'ACTIVE') token.surelyUntilMs = Date.parse(view.expiresAt!);
    if (view.status === 'WAITING') {
      token.surelyUntilMs = Math.max(token.surelyUntilMs, askedMs - STALE_MS + this.activeMs);
    }
  }

  /** A guarded call was served with it, or refused. */
  guarded(id: number, served: boolean, sentMs: number): void {
    const token = this.tokens.get(id);
    if (!token) return;
    if (served && ENDED.has(token.status)) this.violated('wrong', `token ${id} is ${token.status} and was served`);
    const lives = token.status === 'ACTIVE' && Date.now() < token.surelyUntilMs - CLOCK_SLACK_MS;
    if (!served && lives && sentMs > token.activatedMs!) this.violated('lost', `token ${id} lives and was refused`);
  }

  private checkMove(token: Token, view: QueueTokenView): void {
    const { id, status: from } = token;
    const to = view.status;
    const follows = from === 'ENDED' ? ENDED.has(to) : to === from;
    if (ENDED.has(from) && !follows) this.violated('wrong', `token ${id} was ${from} and is ${to}`);
    if (from === 'ACTIVE' && to === 'WAITING') this.violated('lost', `token ${id} was let in and is WAITING`);
    if (to === 'USED' && !token.payAsked) this.violated('lost', `token ${id} is USED, and nobody paid`);
    if (to === 'LEFT' && !token.leaveAsked) this.violated('lost', `token ${id} is LEFT, and nobody left`);
    if (to === 'EXPIRED' && Date.now() < token.surelyUntilMs - CLOCK_SLACK_MS) {
      this.violated('lost', `token ${id} EXPIRED too early`);
    }
  }

  /** Nobody is let in before those with an earlier ticket; those who left count for nobody. */
  private admit(token: Token, activatedMs: number): void {
    token.activatedMs = activatedMs;
    const inside = this.admitted.get(token.queue) ?? [];
    this.admitted.set(token.queue, inside);
    const behind = inside.findLastIndex((other) => other.id < token.id) + 1;
    const [previous, next] = [inside[behind - 1], inside[behind]];
    inside.splice(behind, 0, token);
    if (previous && previous.activatedMs! > activatedMs) this.outOfOrder(token, previous);
    if (next && next.activatedMs! < activatedMs) this.outOfOrder(next, token);
  }

  private outOfOrder(first: Token, overtaken: Token): void {
    this.violated('wrong', `token ${first.id} was let in before token ${overtaken.id}, which came earlier`);
  }
}

/** A token's string begins with its id. */
export function tokenId({ token }: { token: string }): number {
  return Number.parseInt(token, 10);
}
