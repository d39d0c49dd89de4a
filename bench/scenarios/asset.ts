import { API } from '../../src/api/paths';
import type { Fan } from '../fans';
import { requestText } from '../load/request';
import { supply, type Scenario } from '../rounds';
import { checkCount } from '../truth';

/** More than this machine ever charged. */
const CHARGES_PER_SECOND_MAX = 5_000;
const AMOUNT = 1_000;
const CHARGERS = 1_000;

export const charges = chargeScenario('charges', 'Charges, distinct users', CHARGERS, 0.25);
/** One user's charges wait for each other: the balance is one row. */
export const chargesOfOne = chargeScenario('charges-one', 'Charges, one user', 1, 0.08);

function chargeScenario(key: string, name: string, users: number, goal: number): Scenario {
  return {
    key,
    name,
    goal,
    expected: [201],
    prepare: async (bench) => {
      const fans = await bench.fans.make(users);
      const ids = fans.map((fan) => fan.userId);
      let answered = 0;
      const requests = Array.from({ length: supply(bench, CHARGES_PER_SECOND_MAX) }, (_, index) => {
        const { accessToken } = fans[index % fans.length] as Fan;
        const path = `${API}/asset/charges`;
        return requestText({
          method: 'POST',
          path,
          accessToken,
          idempotencyKey: `${key}-${index}`,
          body: { amount: AMOUNT },
        });
      });
      return {
        requests,
        cycle: false,
        afterRound: async (replies) => {
          answered += replies[201] ?? 0;
          const sql = 'SELECT COUNT(*) AS count FROM asset_entry WHERE user_id IN (?)';
          await checkCount(bench, 'charges', sql, [ids], answered);
        },
      };
    },
  };
}
