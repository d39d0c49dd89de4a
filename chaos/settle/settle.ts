import type { Client } from '@temporalio/client';
import type { Database } from '../../src/db/connect';
import { checkInvariants } from '../../src/db/invariants';
import type { Random } from '../random';
import type { World } from '../world';
import { compare } from './compare';
import { decideOpen } from './decide';
import { becomeQuiet, countFailed } from './quiet';

/** With everything well again: decides what is open, waits until all is quiet, and checks everything. Gives how long it took. */
export async function settle(
  world: World,
  { db, client, random }: { db: Database; client: Client; random: Random },
): Promise<{ quietMs: number; invariants: number }> {
  const { model } = world;
  await decideOpen(world, random);
  const { tookMs, left } = await becomeQuiet(db, client);
  for (const [what, count] of Object.entries(left)) {
    if (count > 0) model.violate('undecided', `${count} ${what} ${Math.round(tookMs / 1_000)} s after the last fault`);
  }
  const failed = await countFailed(client);
  if (failed > 0) model.violate('wrong', `${failed} workflows failed`);
  const invariants = await checkInvariants(db);
  for (const { name, rows } of invariants) {
    if (rows.length > 0) model.violate('wrong', `${name}: ${JSON.stringify(rows.slice(0, 5))}`);
  }
  await compare(db, model);
  return { quietMs: tookMs, invariants: invariants.length };
}
