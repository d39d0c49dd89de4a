import { API } from '../../src/api/paths';
import { select } from '../../src/db/sql';
import type { Bench } from '../bench';
import { openConnection } from '../load/connection';
import { WrongReplies } from '../load/load';
import { requestText } from '../load/request';
import { checkCount, checkTruth } from '../truth';
import { QUEUE } from './work';

/** What one system has, and has alone. */
export interface Apart {
  joins: number;
  holds: number;
  invariants: number;
}

/**
 * Throws unless this system has exactly what it answered, tickets from 1 without a gap, a workflow for each token and
 * hold and for nothing else, and its invariants hold.
 */
export async function checkApart(bench: Bench, answered: { joins: number; holds: number }): Promise<Apart> {
  const { joins, holds } = answered;
  const ofQueue = 'FROM waiting_token t JOIN queue q ON q.id = t.queue_id WHERE q.name = ?';
  await checkCount(bench, 'tokens', `SELECT COUNT(*) AS count ${ofQueue}`, [QUEUE], joins);
  await checkCount(bench, 'holds', 'SELECT COUNT(*) AS count FROM reservation', [], holds);
  const [tickets] = await select<{ first: number; last: number; different: number }>(
    bench.db,
    `SELECT MIN(ticket_no) AS first, MAX(ticket_no) AS last, COUNT(DISTINCT ticket_no) AS different ${ofQueue}`,
    [QUEUE],
  );
  if (tickets?.first !== 1 || tickets.last !== joins || tickets.different !== joins)
    throw new WrongReplies(`${joins} tickets are not numbered from 1 without a gap: ${JSON.stringify(tickets)}`);
  await checkWorkflows(bench, 'queueToken', joins);
  await checkWorkflows(bench, 'reservation', holds);
  return { ...answered, invariants: await checkTruth(bench) };
}

async function checkWorkflows({ temporal }: Bench, type: string, expected: number): Promise<void> {
  const { count } = await temporal.workflow.count(`WorkflowType = '${type}'`);
  if (count !== expected) throw new WrongReplies(`${expected} workflows ${type} should be there, not ${count}`);
}

/** Throws unless one system refuses who is known to the other. */
export async function checkStranger(home: Bench, other: Bench): Promise<void> {
  const [fan] = await home.fans.make(1);
  const connection = await openConnection(other.api);
  try {
    const ask = { method: 'GET', path: `${API}/asset`, accessToken: fan?.accessToken as string } as const;
    const { status } = await connection.exchange(Buffer.from(requestText(ask)));
    if (status !== 401) throw new WrongReplies(`a session of one system was answered ${status} by another, not 401`);
  } finally {
    connection.close();
  }
}
