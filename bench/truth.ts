import { checkInvariants } from '../src/db/invariants';
import { selectOne } from '../src/db/sql';
import type { Bench } from './bench';
import { WrongReplies } from './load/load';

/** Throws unless the database has as many rows as success was answered: a reply that says so must be true. */
export async function checkCount(
  { db }: Bench,
  what: string,
  sql: string,
  bindings: unknown[],
  answered = 0,
): Promise<void> {
  const row = await selectOne<{ count: number }>(db, sql, bindings);
  if (row?.count !== answered) throw new WrongReplies(`${answered} ${what} were answered, ${row?.count} are stored`);
}

/** Throws unless every invariant holds. Returns how many were checked. */
export async function checkTruth({ db }: Pick<Bench, 'db'>): Promise<number> {
  const results = await checkInvariants(db);
  const violated = results.filter(({ rows }) => rows.length > 0);
  if (violated.length === 0) return results.length;
  const lines = violated.map(({ name, sentence, rows }) => `${name}: ${sentence}: ${JSON.stringify(rows.slice(0, 3))}`);
  throw new WrongReplies(`Invariants are violated:\n  ${lines.join('\n  ')}`);
}
