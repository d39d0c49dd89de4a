import type { Database } from '../../src/db/connect';
import { markTold, type Untold } from '../../src/db/dispatch';
import { leaveQueue } from '../../src/db/queue';
import { cancelReservation } from '../../src/db/reservation';
import { hold, issueAll, makeBuyers, makeQueue, makeSale, makeUsers } from './fixtures';

/** Tokens that wait in a queue of their own; returns their ids. */
export async function makeWaiting(db: Database, count: number): Promise<number[]> {
  const queue = await makeQueue(db, { paused: true });
  const userIds = await makeUsers(db, count);
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );
  return issued.map((token) => token?.id ?? 0);
}

/** Holds whose own start was lost: they are older than two seconds. */
export async function makeLostHolds(db: Database, count: number) {
  const { name: queue } = await makeQueue(db);
  const sale = await makeSale(db, { seats: count, queue });
  const buyers = await makeBuyers(db, count, { queue });
  const ids: number[] = [];
  for (const [index, buyer] of buyers.entries()) ids.push((await hold(db, buyer, sale, [sale.seatIds[index] ?? 0])).id);
  await db.raw('UPDATE reservation SET reserved_at = NOW(3) - INTERVAL 3 SECOND WHERE id IN (?)', [ids]);
  await db.raw('UPDATE waiting_token SET activated_at = NOW(3) - INTERVAL 4 SECOND WHERE id IN (?)', [
    buyers.map(({ tokenId }) => tokenId),
  ]);
  return { ids, buyers };
}

/** Lets what this column of a row dates be too long ago for whoever made it to tell its workflow still. */
export async function makeOlder(db: Database, table: string, column: string, id: number): Promise<void> {
  await db.raw('UPDATE ?? SET ?? = NOW(3) - INTERVAL 3 SECOND WHERE id = ?', [table, column, id]);
}

/** `makeLostHolds` whose tokens' workflows know of them. */
export async function makeUntoldHolds(db: Database, count: number) {
  const made = await makeLostHolds(db, count);
  await markTold(
    db,
    'active-token',
    made.buyers.map(({ tokenId }) => tokenId),
  );
  return made;
}

/** Ends a token whose workflow is to be told. */
export async function leaveUntold(db: Database, tokenId: number): Promise<void> {
  await leaveQueue(db, tokenId);
  await makeOlder(db, 'waiting_token', 'ended_at', tokenId);
}

/** Makes so many rows with a deadline whose workflows are to be told of them, and no others. */
export const UNTOLD: Record<Exclude<Untold, 'waiting-token'>, (db: Database, count: number) => Promise<unknown>> = {
  hold: makeUntoldHolds,
  'cancelled-hold': async (db, count) => {
    const { ids, buyers } = await makeUntoldHolds(db, count);
    await markTold(db, 'hold', ids);
    for (const [index, id] of ids.entries()) {
      await cancelReservation(db, buyers[index]?.userId as number, id);
      await makeOlder(db, 'reservation', 'completed_at', id);
    }
  },
  'active-token': async (db, count) => markTold(db, 'hold', (await makeLostHolds(db, count)).ids),
  'left-token': async (db, count) => {
    for (const id of await makeWaiting(db, count)) await leaveUntold(db, id);
  },
};
