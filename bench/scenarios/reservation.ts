import { API } from '../../src/api/paths';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import type { Bench } from '../bench';
import { holdRequests } from '../halls';
import { requestText } from '../load/request';
import { supply, type Scenario } from '../rounds';
import { checkCount } from '../truth';

/** More than this machine ever held. */
const HOLDS_PER_SECOND_MAX = 1_500;
const REFUSALS_PER_SECOND_MAX = 10_000;
const SEATS_TAKEN = 500;
/** Each may have a hundred tickets of a date. */
const HOLDERS = 10;

/** Two seats nobody else asks for, in every request. */
export const holds: Scenario = {
  key: 'holds',
  name: 'Two-seat holds, distinct seats',
  goal: 0.15,
  caughtUpGoal: 10,
  expected: [201],
  prepare: async (bench) => {
    const count = supply(bench, HOLDS_PER_SECOND_MAX);
    const hall = await bench.halls.open('Holds', QUEUE_DEFAULT, 2 * count);
    let answered = 0;
    return {
      requests: holdRequests('holds', hall, hall.seatIds, await bench.fans.crowd()),
      cycle: false,
      afterRound: async (replies) => {
        answered += replies[201] ?? 0;
        await checkHolds(bench, [hall.scheduleId], answered);
      },
    };
  },
};

/** Throws unless these dates have so many live holds. */
export async function checkHolds(bench: Bench, scheduleIds: number[], expected: number): Promise<void> {
  const sql = `SELECT COUNT(*) AS count FROM reservation WHERE concert_schedule_id IN (?) AND status = 'HELD'`;
  await checkCount(bench, 'holds', sql, [scheduleIds], expected);
}

/** Seats that others hold, a different one in each request: the database has to refuse. */
export const refusals: Scenario = takenSeats('refusals', `Refusal, ${SEATS_TAKEN} taken seats`, SEATS_TAKEN);
/** Everybody asks for the same one. */
export const refusalsHot: Scenario = takenSeats('refusals-hot', 'Refusal, one taken seat', 1, 0.6);

function takenSeats(key: string, name: string, different: number, goal?: number): Scenario {
  return {
    key,
    name,
    goal,
    expected: [409],
    prepare: async (bench) => {
      const { fans, halls } = bench;
      const hall = await halls.open('Taken', QUEUE_DEFAULT, SEATS_TAKEN);
      await halls.hold(hall, hall.seatIds, await fans.inside(HOLDERS, QUEUE_DEFAULT));
      const crowd = await fans.crowd();
      const requests = Array.from({ length: supply(bench, REFUSALS_PER_SECOND_MAX) }, (_, index) => {
        const body = { scheduleId: hall.scheduleId, seatIds: [hall.seatIds[index % different]] };
        const idempotencyKey = `${key}-${index}`;
        const fan = crowd[index % crowd.length];
        return requestText({ method: 'POST', path: `${API}/reservations`, ...fan, idempotencyKey, body });
      });
      return { requests, cycle: false };
    },
  };
}
