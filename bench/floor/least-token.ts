import { write } from '../../src/db/sql';
import type { Bench } from '../bench';

/** The table of the tokens that are nothing but a row. */
export const LEAST_TOKEN = 'bench_least_token';

export async function makeLeastTokens({ db }: Pick<Bench, 'db'>): Promise<void> {
  const columns = 'id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL UNIQUE';
  await write(db, `CREATE TABLE IF NOT EXISTS ${LEAST_TOKEN} (${columns}) ENGINE = InnoDB`);
}
