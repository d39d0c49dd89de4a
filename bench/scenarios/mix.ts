import { API } from '../../src/api/paths';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import { holdRequests, type Hall } from '../halls';
import { requestText } from '../load/request';
import { supply, type Scenario } from '../rounds';
import { checkHolds } from './reservation';

/** More than this machine ever answered. */
const PER_SECOND_MAX = 2_000;
/** Of ten requests. */
const READS = 7;
const WRITES = 3;
const SEATS = 1_000;

/** Seven look at the seats of a hall while three hold two each there, which nobody else asks for; then the next hall. */
export const mix: Scenario = {
  key: 'mix',
  name: 'Seven seat lists to three holds, 1,000 seats',
  expected: [200, 201],
  prepare: async (bench) => {
    const crowd = await bench.fans.crowd();
    const halls: Hall[] = [];
    const seats = (2 * supply(bench, PER_SECOND_MAX) * WRITES) / (READS + WRITES);
    while (halls.length * SEATS < seats) halls.push(await bench.halls.open('Mix', QUEUE_DEFAULT, SEATS));
    let answered = 0;
    return {
      requests: halls.flatMap((hall) => {
        const path = `${API}/schedules/${hall.scheduleId}/seats`;
        const reads = crowd.map((fan) => requestText({ method: 'GET', path, gzip: true, ...fan }));
        const holds = holdRequests('mix', hall, hall.seatIds, crowd);
        return holds.flatMap((hold, index) =>
          index % WRITES === 0 ? [hold, ...reads.slice(index % crowd.length).slice(0, READS)] : [hold],
        );
      }),
      cycle: false,
      afterRound: async (replies) => {
        answered += replies[201] ?? 0;
        await checkHolds(
          bench,
          halls.map(({ scheduleId }) => scheduleId),
          answered,
        );
      },
    };
  },
};
