/** Gives a user money in a transaction, says so from inside, and commits when it is told to go on. */
const path = require('node:path');
const dist = path.join(__dirname, '../../dist/db');
const { connect } = require(path.join(dist, 'connect.js'));
const { transact } = require(path.join(dist, 'transaction.js'));

const [url, userId, session] = process.argv.slice(2);
const db = connect({ url, poolMax: 1 });

transact(db, async (trx) => {
  await trx.raw(session);
  await trx.raw('UPDATE asset SET balance = balance + 1 WHERE user_id = ?', [userId]);
  process.send('inside');
  await new Promise((resolve) => process.once('message', resolve));
}).then(
  () => process.send('committed'),
  () => process.send('failed'),
);
