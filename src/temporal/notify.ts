import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Database } from '../db/connect';
import { markTold } from '../db/dispatch';
import { findReservations } from '../db/reservation';
import { findTokens, type QueueToken } from '../db/tokens';
import { queueTokenWorkflowId, reservationWorkflowId } from '../workflows/ids';
import { admittedSignal, endedSignal, settledSignal } from '../workflows/messages';
import { queueTokenStart, reservationStart, unlessThere } from './starts';

/** Tells the workflows of admitted tokens and notes that they know. May be repeated. */
export async function tellAdmitted(client: Client, db: Database, tokens: readonly QueueToken[]): Promise<void> {
  await Promise.all(tokens.map((token) => signalAdmitted(client, token)));
  await markTold(
    db,
    'active-token',
    tokens.map((token) => token.id),
  );
}

/** Tells the workflow of an admitted token, starting it if it is still to be started: nothing is lost then. */
export async function signalAdmitted(client: Client, token: QueueToken): Promise<void> {
  if (!token.expiresAt) return;
  await unlessThere(
    client.workflow.signalWithStart('queueToken', {
      ...queueTokenStart(token, 0),
      signal: admittedSignal,
      signalArgs: [{ expiresAtMs: token.expiresAt.getTime() }],
    }),
  );
}

/** Tells a token's workflow that its row has ended. A token whose workflow was never started gets one, for the record. */
export async function tellEnded(client: Client, db: Database, tokenId: number): Promise<void> {
  try {
    await client.workflow.getHandle(queueTokenWorkflowId(tokenId)).signal(endedSignal);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const [token] = await findTokens(db, [tokenId]);
    if (!token) return;
    await unlessThere(
      client.workflow.signalWithStart('queueToken', {
        ...queueTokenStart(token, 0),
        signal: endedSignal,
        signalArgs: [],
      }),
    );
  }
}

/** Tells a reservation's workflow that its row is settled. One that was never started is started, for the record. */
export async function tellSettled(client: Client, db: Database, reservationId: number): Promise<void> {
  try {
    await client.workflow.getHandle(reservationWorkflowId(reservationId)).signal(settledSignal);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const [found] = await findReservations(db, [reservationId]);
    if (!found) return;
    await unlessThere(
      client.workflow.signalWithStart('reservation', {
        ...reservationStart(found.userId, found.view),
        signal: settledSignal,
        signalArgs: [],
      }),
    );
  }
}
