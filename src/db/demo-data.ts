import type { Database, Transaction } from './connect';
import { lockQueue } from './admission';
import { ARENA, CLUB, CONCERT_HALL, type Hall } from './demo-halls';
import { insertPlan } from './plan';
import { readClock, selectOne, write } from './sql';
import { transact } from './transaction';

const DAY_MS = 86_400_000;
/** Half past seven in the evening in Seoul. */
const EVENING_MS = 10.5 * 3_600_000;

/** In days from the day the data is made. */
interface Dates {
  saleFrom: number;
  saleTo: number;
  concert: number;
}

const ON_SALE_SOON = { saleFrom: -1, saleTo: 89, concert: 90 };
const ON_SALE_LATER = { saleFrom: -1, saleTo: 90, concert: 91 };
const NOT_OPEN_YET = { saleFrom: 60, saleTo: 110, concert: 120 };
const CLOSED = { saleFrom: -30, saleTo: -1, concert: 7 };

const CONCERTS: { name: string; description: string; hall: Hall; dates: Dates[] }[] = [
  {
    name: 'Winter Songs',
    description: 'A small stage, two voices, one piano.',
    hall: CLUB,
    dates: [ON_SALE_SOON, ON_SALE_LATER],
  },
  {
    name: 'Sea Symphonies',
    description: 'An evening of orchestral works about the sea.',
    hall: CONCERT_HALL,
    dates: [ON_SALE_SOON, ON_SALE_LATER],
  },
  {
    name: 'Meridian Live',
    description: 'The big one: everything, everywhere, very loud.',
    hall: ARENA,
    dates: [ON_SALE_SOON, ON_SALE_LATER],
  },
  {
    name: 'Seasons',
    description: 'One date is on sale, one not yet, one not any more.',
    hall: CLUB,
    dates: [ON_SALE_SOON, NOT_OPEN_YET, CLOSED],
  },
];

/** Fills an empty database with concerts to try things on: the same ones every time. Returns how many it made. */
export async function seedDemoData(db: Database): Promise<number> {
  return transact(db, async (trx) => {
    const queue = await lockQueue(trx, { name: 'main' });
    if (!queue) throw new Error('there is no queue "main": run the migrations first');
    const existing = await selectOne(trx, 'SELECT id FROM concert LIMIT 1');
    if (existing) return 0;
    const today = new Date((await readClock(trx)).setUTCHours(0, 0, 0, 0));
    for (const { name, description, hall, dates } of CONCERTS) {
      const { insertId: concertId } = await write(
        trx,
        'INSERT INTO concert (queue_id, name, description) VALUES (?, ?, ?)',
        [queue.id, name, description],
      );
      for (const date of dates) await insertSchedule(trx, concertId, hall, date, today);
    }
    return CONCERTS.length;
  });
}

async function insertSchedule(
  trx: Transaction,
  concertId: number,
  hall: Hall,
  dates: Dates,
  today: Date,
): Promise<void> {
  const day = (days: number) => new Date(today.getTime() + days * DAY_MS);
  const { insertId: scheduleId } = await write(
    trx,
    `INSERT INTO concert_schedule (concert_id, place, reservation_st_date, reservation_end_date, concert_date)
     VALUES (?, ?, ?, ?, ?)`,
    [
      concertId,
      hall.place,
      day(dates.saleFrom),
      day(dates.saleTo),
      new Date(day(dates.concert).getTime() + EVENING_MS),
    ],
  );
  await insertPlan(trx, scheduleId, hall);
}
