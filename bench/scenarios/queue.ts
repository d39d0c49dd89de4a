import { API } from '../../src/api/paths';
import { selectOne, write } from '../../src/db/sql';
import type { Bench } from '../bench';
import { LEAST_TOKEN, makeLeastTokens } from '../floor/least-token';
import { requestText } from '../load/request';
import { supply, type Scenario } from '../rounds';
import { checkCount } from '../truth';

/** As many as `npm start` lets in. */
const MAX_ACTIVE = 50;
const WAITING = 1_000;
/** More than this machine ever issued; what is not used costs only the making of its user. */
const ISSUED_PER_SECOND_MAX = 6_000;

/** Everybody joins at once: each request is another user's first. */
export const issue: Scenario = {
  key: 'issue',
  name: 'Token issue, distinct users',
  goal: 0.6,
  expected: [201],
  prepare: async (bench) => {
    const queue = 'bench-issue';
    await bench.halls.open('Issue', queue, 1);
    await bench.halls.setQueue(queue, { maxActive: MAX_ACTIVE });
    const fans = await bench.fans.make(supply(bench, ISSUED_PER_SECOND_MAX));
    const path = `${API}/queue/tokens`;
    return {
      requests: fans.map(({ accessToken }) => requestText({ method: 'POST', path, accessToken, body: { queue } })),
      cycle: false,
      afterRound: async (replies) => {
        const sql = 'SELECT COUNT(*) AS count FROM waiting_token t JOIN queue q ON q.id = t.queue_id WHERE q.name = ?';
        await checkCount(bench, 'tokens', sql, [queue], replies[201]);
        await emptyQueue(bench, queue);
      },
    };
  },
};

/** What bounds it: no queue, no ticket, no workflow. */
export const issueLeast: Scenario = {
  key: 'issue-least',
  name: 'A row and two signatures behind bare Express',
  at: 'floor',
  expected: [201],
  prepare: async (bench) => {
    await makeLeastTokens(bench);
    const fans = await bench.fans.make(supply(bench, ISSUED_PER_SECOND_MAX));
    const ask = { method: 'POST', path: '/tokens', body: { queue: 'least' } } as const;
    let answered = 0;
    return {
      requests: fans.map(({ accessToken }) => requestText({ ...ask, accessToken })),
      cycle: false,
      afterRound: async (replies) => {
        answered += replies[201] ?? 0;
        await checkCount(bench, 'tokens', `SELECT COUNT(*) AS count FROM ${LEAST_TOKEN}`, [], answered);
      },
    };
  },
};

/**
 * Takes a queue's tokens away as if nobody had come: starting a workflow for each of tens of thousands, at a few hundred
 * a second, would take longer than the whole bench.
 */
async function emptyQueue({ db }: Bench, name: string): Promise<void> {
  const queue = await selectOne<{ id: number }>(db, 'SELECT id FROM queue WHERE name = ?', [name]);
  await write(db, 'DELETE FROM waiting_token WHERE queue_id = ?', [queue?.id]);
  await write(db, 'UPDATE queue SET waiting_count = 0, served_ticket_no = next_ticket_no - 1 WHERE id = ?', [
    queue?.id,
  ]);
}

export const poll: Scenario = {
  key: 'poll',
  name: `Position poll, ${WAITING.toLocaleString('en')} waiting`,
  goal: 0.8,
  expected: [200],
  prepare: async (bench) => {
    const queue = 'bench-poll';
    await bench.halls.open('Poll', queue, 1);
    await bench.halls.setQueue(queue, { maxActive: MAX_ACTIVE });
    await bench.fans.inside(MAX_ACTIVE, queue);
    const fans = await bench.fans.queue(await bench.fans.make(WAITING), queue, 'WAITING');
    const path = `${API}/queue/token`;
    return {
      requests: fans.map(({ accessToken, queueToken }) =>
        requestText({ method: 'GET', path, accessToken, queueToken }),
      ),
      cycle: true,
    };
  },
};
