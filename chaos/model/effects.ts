import type { Violated } from './violations';

/** A request with an Idempotency-Key: however often it is sent, it has one effect or none. */
export interface Effect {
  readonly kind: 'hold' | 'charge' | 'payment';
  readonly key: string;
  readonly userId: number;
  readonly operationId: string;
  readonly json: object;
  /** Replies that never came, or did not say what became of it: it may still be under way. */
  lost: number;
  state: 'open' | 'done' | 'refused';
  /** The code of the last refusal. */
  refusal?: string;
  /** Of the row it made. */
  rowId?: number;
}

/** What became of every key. */
export class Effects {
  readonly all = new Map<string, Effect>();

  constructor(private readonly violated: Violated) {}

  /** A key that was refused may be tried again. */
  begin(effect: Omit<Effect, 'lost' | 'state'>): Effect {
    const begun: Effect = this.all.get(effect.key) ?? { ...effect, lost: 0, state: 'open' };
    if (begun.state === 'refused') begun.state = 'open';
    this.all.set(effect.key, begun);
    return begun;
  }

  acknowledged(effect: Effect, rowId: number): void {
    if (effect.rowId !== undefined && effect.rowId !== rowId) {
      this.violated('doubled', `key ${effect.key} made ${effect.kind} ${effect.rowId} and ${rowId}`);
    }
    if (effect.state === 'refused') this.violated('wrong', `key ${effect.key} was refused and has an effect`);
    effect.rowId = rowId;
    effect.state = 'done';
  }

  /** A refusal is final only when no earlier request of the same key can still be under way. */
  refused(effect: Effect, code: string): void {
    effect.refusal = code;
    if (effect.state === 'done') {
      this.violated('lost', `key ${effect.key} had its effect, and its reply is not given again`);
    } else if (effect.lost === 0) effect.state = 'refused';
  }

  ofState(state: Effect['state']): Effect[] {
    return [...this.all.values()].filter((effect) => effect.state === state);
  }
}
