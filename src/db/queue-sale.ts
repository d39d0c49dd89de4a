import type { QueueSaleView } from '../contracts/queue';
import { AVAILABLE, ON_SALE } from './concert';
import type { Executor } from './connect';
import { select } from './sql';

/** More are no help to whoever waits. */
const CONCERTS_MAX = 100;

/** What is on sale through a queue now, and how many seats are left of it: counted from the index alone. */
export async function readQueueSale(db: Executor, queueId: number): Promise<QueueSaleView> {
  const items = await select<QueueSaleView['items'][number]>(
    db,
    `SELECT c.id AS concertId, c.name, CAST(SUM(
         (SELECT COUNT(*) FROM concert_seat WHERE concert_schedule_id = s.id AND ${AVAILABLE})) AS SIGNED) AS availableSeats
     FROM concert c JOIN concert_schedule s ON s.concert_id = c.id
     WHERE c.queue_id = ? AND ${ON_SALE} GROUP BY c.id, c.name ORDER BY c.id LIMIT ?`,
    [queueId, CONCERTS_MAX],
  );
  return { items };
}
