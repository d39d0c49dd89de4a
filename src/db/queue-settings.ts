import type { QueueSettingsPatch, QueueSettingsView } from '../contracts/queue';
import { admitNext, bucketCapacity, lockQueue, type QueueRow } from './admission';
import type { Database, Transaction } from './connect';
import { readQueueStates } from './queue-state';
import { readClock, selectOne, write } from './sql';
import type { QueueToken } from './tokens';
import { transact } from './transaction';

/** Every queue with its settings and how many wait and are inside, by name. */
export async function listQueues(db: Database): Promise<QueueSettingsView[]> {
  const states = await readQueueStates(db);
  return states
    .map(({ name, maxActive, activeSeconds, admitPerMinute, paused, waiting, active }) => ({
      name,
      maxActive,
      activeSeconds,
      admitPerMinute,
      paused,
      waiting,
      active,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Changes a queue's settings; they act at once, `activeSeconds` for later admissions. `undefined`: no such queue. */
export async function updateQueue(
  db: Database,
  name: string,
  patch: QueueSettingsPatch,
): Promise<{ queue: QueueSettingsView; admitted: QueueToken[] } | undefined> {
  const queueId = await transact(db, async (trx) => {
    const queue = await lockQueue(trx, { name });
    if (queue) await saveSettings(trx, queue, patch);
    return queue?.id;
  });
  if (queueId === undefined) return undefined;
  const admitted = await admitNext(db, queueId).catch(() => []);
  const queue = (await listQueues(db)).find((view) => view.name === name);
  return queue && { queue, admitted };
}

async function saveSettings(trx: Transaction, queue: QueueRow, patch: QueueSettingsPatch): Promise<void> {
  const perMinute = patch.admitPerMinute === undefined ? queue.admit_per_minute : patch.admitPerMinute;
  await write(
    trx,
    `UPDATE queue SET max_active = ?, active_seconds = ?, admit_per_minute = ?, paused = ?,
       bucket_level = ?, bucket_at = ? WHERE id = ?`,
    [
      patch.maxActive ?? queue.max_active,
      patch.activeSeconds ?? queue.active_seconds,
      perMinute,
      patch.paused ?? queue.paused,
      perMinute === queue.admit_per_minute ? queue.bucket_level : bucketCapacity(perMinute ?? 0),
      perMinute === queue.admit_per_minute ? queue.bucket_at : await readClock(trx),
      queue.id,
    ],
  );
}

/** The id of the queue with this name, made with these settings if there is none. */
export async function ensureQueue(
  trx: Transaction,
  name: string,
  settings: { maxActive: number; activeSeconds: number },
): Promise<number> {
  await write(
    trx,
    'INSERT INTO queue (name, max_active, active_seconds) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = id',
    [name, settings.maxActive, settings.activeSeconds],
  );
  const queue = await selectOne<{ id: number }>(trx, 'SELECT id FROM queue WHERE name = ?', [name]);
  if (!queue) throw new Error(`queue ${name} was not made`);
  return queue.id;
}
