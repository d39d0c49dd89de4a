import { altered } from '../support/altered';
import { useDatabase } from '../support/database';
import { balanceOf, countOf, hold, makeBuyer, makeSale, pay, statusOf } from '../support/fixtures';

const database = useDatabase();
const { db } = database;

test.each([
  ['nothing', 's.id IN (NULL) AND s.id IN ('],
  [
    'a part',
    's.id <> (SELECT MAX(seat_id) FROM (SELECT MAX(concert_seat_id) AS seat_id FROM reservation_ticket) x) AND s.id IN (',
  ],
])('a payment that would sell %s of its hold takes no money and changes nothing', async (_part, condition) => {
  const sale = await makeSale(db, { seats: 2 });
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const { id } = await hold(db, buyer, sale, sale.seatIds);
  const payer = altered(database.pool(1), (sql) =>
    sql.startsWith('UPDATE reservation r') ? sql.replace('s.id IN (', condition) : sql,
  );

  await expect(pay(payer, buyer, id)).rejects.toThrow(`reservation ${id}`);

  expect(await balanceOf(db, buyer.userId)).toBe(5_000);
  expect(await statusOf(db, 'reservation', id)).toBe('HELD');
  expect(await countOf(db, 'payment', 'reservation_id = ?', [id])).toBe(0);
  expect((await pay(db, buyer, id)).payment.balance).toBe(3_000);
});
