import { API } from '../../src/api/paths';
import { createQueueTokens } from '../../src/api/queue-token';
import { signSession } from '../../src/api/dev-session';
import { select, selectOne, write } from '../../src/db/sql';
import type { Bench } from '../bench';
import { makeUsers } from '../fans';
import { requestText } from '../load/request';
import { supply, type Scenario } from '../rounds';

/** As many as `npm start` lets in. */
const MAX_ACTIVE = 50;
/** Who asks for a position: spread over the whole line. */
const ASKING = 1_000;
const ISSUED_PER_SECOND_MAX = 4_000;
const ROWS_PER_STATEMENT = 50_000;

/** A queue with real rows in it, as long as one likes. */
export interface Line {
  grow(waiting: number): Promise<void>;
  poll(waiting: number): Scenario;
  issue(waiting: number): Scenario;
  /** A poll by each who waits. */
  polls(): Promise<string[]>;
}

export async function openLine(bench: Bench, queue: string): Promise<Line> {
  await bench.halls.open('Growth', queue, 1);
  await bench.halls.setQueue(queue, { maxActive: MAX_ACTIVE });
  await bench.fans.inside(MAX_ACTIVE, queue);
  const [{ id }] = (await select<{ id: number }>(bench.db, 'SELECT id FROM queue WHERE name = ?', [queue])) as [
    { id: number },
  ];
  const label = (waiting: number) => waiting.toLocaleString('en');
  return {
    grow: (waiting) => grow(bench, id, waiting),
    poll: (waiting) => ({
      key: `poll-${waiting}`,
      name: `Position poll, ${label(waiting)} waiting`,
      expected: [200],
      prepare: async () => ({ requests: await pollRequests(bench, id, waiting / ASKING), cycle: true }),
    }),
    issue: (waiting) => ({
      key: `issue-${waiting}`,
      name: `Token issue, ${label(waiting)} waiting`,
      expected: [201],
      prepare: async () => {
        const fans = await bench.fans.make(supply(bench, ISSUED_PER_SECOND_MAX));
        const ask = { method: 'POST', path: `${API}/queue/tokens`, body: { queue } } as const;
        return {
          requests: fans.map(({ accessToken }) => requestText({ ...ask, accessToken })),
          cycle: false,
          afterRound: () => shrink(bench, id, waiting),
        };
      },
    }),
    polls: () => pollRequests(bench, id, 1),
  };
}

/** Rows as joins make them, but taken for told: their workflows are not what is measured. */
async function grow({ db }: Bench, queueId: number, waiting: number): Promise<void> {
  const queue = await selectOne<{ waiting: number; nextTicketNo: number }>(
    db,
    'SELECT waiting_count AS waiting, next_ticket_no AS nextTicketNo FROM queue WHERE id = ?',
    [queueId],
  );
  if (!queue) throw new Error(`queue ${queueId} is gone`);
  const userIds = await makeUsers(db, waiting - queue.waiting);
  for (let from = 0; from < userIds.length; from += ROWS_PER_STATEMENT) {
    const rows = userIds
      .slice(from, from + ROWS_PER_STATEMENT)
      .map((userId, index) => [queueId, userId, queue.nextTicketNo + from + index, 'WAITING', new Date(), new Date()]);
    const columns = 'queue_id, user_id, ticket_no, status, issued_at, workflow_started_at';
    await write(db, `INSERT INTO waiting_token (${columns}) VALUES ?`, [rows]);
  }
  await write(db, 'UPDATE queue SET waiting_count = ?, next_ticket_no = next_ticket_no + ? WHERE id = ?', [
    waiting,
    userIds.length,
    queueId,
  ]);
}

/** Takes away who has come since the line was this long. */
async function shrink({ db }: Bench, queueId: number, waiting: number): Promise<void> {
  const last = MAX_ACTIVE + waiting;
  await write(db, 'DELETE FROM waiting_token WHERE queue_id = ? AND ticket_no > ?', [queueId, last]);
  await write(db, 'UPDATE queue SET waiting_count = ?, next_ticket_no = ? WHERE id = ?', [waiting, last + 1, queueId]);
}

/** Polls by one in `every` of the line. */
async function pollRequests({ db, system }: Bench, queueId: number, every: number): Promise<string[]> {
  const tokens = await select<{ id: number; userId: number }>(
    db,
    `SELECT id, user_id AS userId FROM waiting_token WHERE queue_id = ? AND status = 'WAITING' AND ticket_no % ? = 0`,
    [queueId, Math.ceil(every)],
  );
  const queueTokens = createQueueTokens(system.tokenSecret);
  return tokens.map(({ id, userId }) =>
    requestText({
      method: 'GET',
      path: `${API}/queue/token`,
      accessToken: signSession(system.tokenSecret, { userId, role: 'user' }).accessToken,
      queueToken: queueTokens.mint(id),
    }),
  );
}
