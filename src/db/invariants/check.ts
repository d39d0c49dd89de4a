import type { InvariantName } from '../../invariants';
import type { Executor } from '../connect';
import { select, selectOne } from '../sql';

/** Tables that are read in ranges of their ids, which are given in the order of insertion. */
export type Ranged = 'reservation' | 'payment' | 'asset' | 'asset_entry' | 'waiting_token';

/**
 * One statement that selects violating rows, and of what it reads a part at a time, so that none runs for long. The order
 * of its tables is said where the part is to come first: with STRAIGHT_JOIN between them, because in front of the columns
 * it is forgotten when the statement becomes part of another.
 */
export type Check =
  /** Rows from `:from` to `:to`, both included. */
  | { over: Ranged; sql: string }
  /** Of one `:queue`, the tickets from `:from` to `:to`, both included: those whose turn has come. */
  | { over: 'turns'; sql: string }
  /** Few rows at any time, and an index on them. */
  | { over: 'all'; sql: string };

export type Checks = Partial<Record<InvariantName, readonly Check[]>>;

/** `recent`: what is new, and a part of the rest that is another one each minute. `complete`: everything there is. */
export type Extent = 'recent' | 'complete';

/** More than are made in an ordinary minute; in a rush of joins some of them wait for their part, as old rows do. */
const NEWEST_ROWS = 10_000;
/** Some hundred milliseconds of reading; a million rows take 50 minutes in the sweep. */
const PART_ROWS = 20_000;
/**
 * More than are admitted in a minute. A cap is seen exceeded as long as no more than this came after; one that is larger
 * than this, only by a complete check.
 */
const TURNS = 20_000;

type Bindings = Record<string, number>;

/** The parts of what `over` names: what each run of its statement is bound to. */
export async function partsOf(db: Executor, over: Check['over'], extent: Extent): Promise<Bindings[]> {
  if (over === 'all') return [{}];
  if (over === 'turns') return turnsOf(db, extent);
  const table = await selectOne<{ first: number | null; last: number; minute: number }>(
    db,
    'SELECT MIN(id) AS first, MAX(id) AS last, UNIX_TIMESTAMP() DIV 60 AS minute FROM ??',
    [over],
  );
  if (!table || table.first === null) return [];
  if (extent === 'complete') return cut(table.first, table.last);
  const newest = { from: Math.max(table.first, table.last - NEWEST_ROWS + 1), to: table.last };
  const older = cut(table.first, newest.from - 1);
  // By the clock, so that nothing is to be remembered between sweeps.
  return [newest, ...older.slice(table.minute % (older.length || 1)).slice(0, 1)];
}

async function turnsOf(db: Executor, extent: Extent): Promise<Bindings[]> {
  const queues = await select<{ id: number; served: number }>(db, 'SELECT id, served_ticket_no AS served FROM queue');
  return queues.map(({ id, served }) => {
    const from = extent === 'recent' ? Math.max(1, served - TURNS + 1) : 1;
    return { queue: id, from, to: served };
  });
}

function cut(first: number, last: number): Bindings[] {
  const parts: Bindings[] = [];
  for (let from = first; from <= last; from += PART_ROWS)
    parts.push({ from, to: Math.min(last, from + PART_ROWS - 1) });
  return parts;
}
