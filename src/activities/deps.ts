import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Database } from '../db/connect';

/** What activities work with. */
export interface ActivityDeps {
  db: Database;
  client: Client;
  logger: Logger;
}
