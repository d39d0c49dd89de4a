import type { Database, Transaction } from './connect';
import { lockQueue } from './admission';
import { readClock, selectOne, write } from './sql';
import { transact } from './transaction';

const DAY_MS = 86_400_000;
/** One INSERT takes this many seats: well below the server's packet limit. */
const SEATS_PER_INSERT = 1_000;

interface Hall {
  place: string;
  seats(): { location: string; price: number }[];
}

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

const letter = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

const CLUB: Hall = {
  place: 'Lantern Club, 50 seats',
  seats: () => rows(5, 10, () => 99_000),
};
const CONCERT_HALL: Hall = {
  place: 'Harbour Hall, 1,000 seats',
  seats: () => rows(25, 40, (row) => (row < 5 ? 165_000 : row < 15 ? 132_000 : 99_000)),
};
const ARENA: Hall = {
  place: 'Meridian Arena, 8,000 seats',
  seats: () =>
    range(16).flatMap((block) =>
      rows(20, 25, (row) => (row < 5 ? 154_000 : 110_000)).map(({ location, price }) => ({
        location: `${101 + block}-${location}`,
        price,
      })),
    ),
};

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

function rows(
  count: number,
  seatsPerRow: number,
  price: (row: number) => number,
): { location: string; price: number }[] {
  return range(count).flatMap((row) =>
    range(seatsPerRow).map((seat) => ({ location: `${letter(row)}-${seat + 1}`, price: price(row) })),
  );
}

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
    [concertId, hall.place, day(dates.saleFrom), day(dates.saleTo), day(dates.concert)],
  );
  const seats = hall.seats().map(({ location, price }) => [scheduleId, location, price]);
  for (let from = 0; from < seats.length; from += SEATS_PER_INSERT) {
    await write(trx, 'INSERT INTO concert_seat (concert_schedule_id, location, price) VALUES ?', [
      seats.slice(from, from + SEATS_PER_INSERT),
    ]);
  }
}
