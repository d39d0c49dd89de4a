import { setTimeout as delay } from 'node:timers/promises';
import type { Member } from '../test/support/system';
import type { Journal, Sign } from './journal';
import type { Random } from './random';

type Card = 'kill' | 'freeze' | 'long freeze';

interface Fate {
  sign: Sign;
  pauseMs: [number, number];
  deck: Card[];
}

const FATES: Record<'api' | 'worker' | 'temporal' | 'database', Fate> = {
  api: { sign: 'effect', pauseMs: [3_000, 12_000], deck: ['kill', 'kill', 'freeze', 'freeze'] },
  worker: { sign: 'payment', pauseMs: [3_000, 12_000], deck: ['kill', 'kill', 'freeze', 'long freeze'] },
  temporal: { sign: 'payment', pauseMs: [10_000, 20_000], deck: ['kill', 'freeze'] },
  database: { sign: 'effect', pauseMs: [8_000, 16_000], deck: ['kill', 'freeze'] },
};

const DOWN_MS_MAX = 1_500;
const FREEZE_MS = [200, 4_000] as const;
/** Past the time-out of every activity (20 s): its work is given to another, and then it wakes up and goes on. */
const LONG_FREEZE_MS = [21_000, 26_000] as const;
const RESTART_PAUSE_MS = 300;

/** A process that is killed and frozen, and that somebody starts again whenever it has ended, for whatever reason. */
export class Victim {
  private stopped = false;
  private killed = false;
  private readonly supervision: Promise<void>;
  private risen: Promise<void>;
  private rise!: () => void;

  constructor(
    readonly kind: keyof typeof FATES,
    private readonly member: Member,
    private readonly random: Random,
    private readonly journal: Journal,
    /** Aborted when everything is to stop: nothing can be started then. */
    private readonly interrupt: AbortSignal,
  ) {
    this.risen = this.nextRise();
    this.supervision = this.supervise();
  }

  /** Draws from a shuffled deck, so that even a short run meets every kind, until `signal` is aborted; then it is well. */
  async harm(signal: AbortSignal): Promise<void> {
    const { deck, pauseMs } = FATES[this.kind];
    const wait = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
    let cards: Card[] = [];
    while (!signal.aborted) {
      await wait(this.random.between(...pauseMs));
      if (signal.aborted) break;
      if (cards.length === 0) cards = [...deck];
      const [card] = cards.splice(Math.floor(this.random.next() * cards.length), 1);
      if (card === 'kill') await this.kill();
      else await this.freeze(card!, wait);
    }
  }

  /** Nobody starts it again after this. */
  async release(): Promise<void> {
    this.stopped = true;
    await Promise.race([this.supervision, delay(0)]);
  }

  private async kill(): Promise<void> {
    this.killed = true;
    const { risen } = this;
    this.member.kill('SIGKILL');
    this.journal.fault(`${this.kind}: kill`, { name: this.member.name });
    await risen;
    this.journal.ended(`${this.kind}: kill`, FATES[this.kind].sign);
  }

  private async freeze(card: Exclude<Card, 'kill'>, wait: (ms: number) => Promise<void>): Promise<void> {
    this.member.kill('SIGSTOP');
    this.journal.fault(`${this.kind}: ${card}`, { name: this.member.name });
    const [minMs, maxMs] = card === 'freeze' ? FREEZE_MS : LONG_FREEZE_MS;
    await wait(this.random.between(minMs, maxMs));
    this.member.kill('SIGCONT');
    this.journal.ended(`${this.kind}: ${card}`, FATES[this.kind].sign);
  }

  private async supervise(): Promise<void> {
    for (;;) {
      const reason = await this.member.exited;
      if (this.stopped || this.interrupt.aborted) return this.rise();
      if (!this.killed) this.journal.died(this.member.name, reason);
      this.killed = false;
      await delay(this.random.between(0, DOWN_MS_MAX));
      await this.restart();
      this.rise();
      this.risen = this.nextRise();
    }
  }

  /** A process may refuse to start while what it needs is down. */
  private async restart(): Promise<void> {
    while (!this.stopped && !this.interrupt.aborted) {
      try {
        return await this.member.restart();
      } catch (error) {
        this.journal.note('restart failed', { name: this.member.name, error: (error as Error).message });
        await delay(RESTART_PAUSE_MS);
      }
    }
  }

  private nextRise(): Promise<void> {
    return new Promise((resolve) => (this.rise = resolve));
  }
}
