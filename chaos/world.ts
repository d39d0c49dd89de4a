import type { Fan, Sale } from '../test/support/fan';
import type { Journal } from './journal';
import type { Model } from './model/model';

/** What all fans share. */
export interface World {
  readonly apis: readonly { url: string }[];
  readonly model: Model;
  readonly journal: Journal;
  readonly sales: readonly Sale[];
  /** Everybody who came, by user: to ask again for what was left open. */
  readonly credentials: Map<number, Fan>;
  /** Aborted when the faults end; fans then finish what they are at. */
  readonly signal: AbortSignal;
}
