import type { Client } from '@temporalio/client';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Config } from '../config';
import type { Database } from '../db/connect';
import { findTokens, type QueueToken } from '../db/tokens';
import { observeLanes, observeRequests } from '../observability/http-metrics';
import { createRegistry, observeDatabase, observePool } from '../observability/metrics';
import { observeQueues, observeStarter } from '../observability/queue-metrics';
import type { Starter } from '../temporal/starter';
import { createIdentify } from './auth';
import { createLookup } from './batches';
import { readBody } from './body';
import { fallback } from './fallback';
import { createGuard } from './guard';
import { createIdempotent } from './idempotency';
import { buildOpenApi } from './openapi';
import { operationsFor } from './operations/all';
import { createLanes, LANE_LIMITS } from './lanes';
import { API } from './paths';
import { problems } from './problem';
import { createQueueSnapshot, type QueueSnapshot } from './queue-snapshot';
import { limitRates } from './rate-limit';
import { createOverview, type Overview } from './overview';
import { createPlans } from './plans';
import { createReadiness, type Readiness } from './readiness';
import { adminRoutes } from './routes/admin';
import { assetRoutes } from './routes/asset';
import { concertRoutes } from './routes/concert';
import { docsRoutes } from './routes/docs';
import { healthRoutes } from './routes/health';
import { operatorRoutes } from './routes/operator';
import { pageRoutes } from './routes/pages';
import { paymentRoutes } from './routes/payment';
import { planRoutes } from './routes/plan';
import { queueRoutes } from './routes/queue';
import { reservationRoutes } from './routes/reservation';
import { sessionRoutes } from './routes/session';
import { createQueueOfSchedule } from './schedule-queues';
import { createSeatClaims } from './seat-claims';
import { createSeatMaps } from './seat-maps';
import { trace } from './trace';
import { createUsers } from './users';
import { createWaitingTokens } from './waiting-tokens';

export interface AppDeps {
  config: Config;
  db: Database;
  client: Client;
  starter: Starter;
  logger: Logger;
}

export interface App {
  express: Express;
  /** Begins to follow the queues; resolves once the first reading succeeded and polls can be answered. */
  start(): Promise<void>;
  /** Not ready any more, and replies ask clients to close their connections. */
  drain(): void;
  /** Ends what `start` began. What was passed in stays open: it is its opener's to close. */
  close(): Promise<void>;
}

/** The whole API on these dependencies. Opens nothing and reads nothing before `start`. */
export function createApp(deps: AppDeps): App {
  const { db, client, starter, logger } = deps;
  const snapshot = createQueueSnapshot({ db, logger, onAdmitted: starter.tokensAdmitted });
  const readiness = createReadiness({ db, client, snapshot });
  const overview = createOverview({ db, client, snapshot, config: deps.config });
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('trust proxy', deps.config.trustProxy);
  addRoutes(app, deps, { snapshot, readiness, overview });
  return {
    express: app,
    start: snapshot.start,
    drain: readiness.drain,
    close: async () => {
      await Promise.all([snapshot.close(), readiness.close(), overview.close()]);
    },
  };
}

interface Watchers {
  snapshot: QueueSnapshot;
  readiness: Readiness;
  overview: Overview;
}

function addRoutes(app: Express, deps: AppDeps, { snapshot, readiness, overview }: Watchers): void {
  const { config, db, client, starter, logger } = deps;
  const registry = createObservedRegistry(deps, snapshot);
  const operations = operationsFor(config.auth.mode);
  const identify = createIdentify(config);
  const secret = config.tokenSecret;
  const onAdmitted = (tokens: QueueToken[]): void => {
    snapshot.admitted(tokens);
    starter.tokensAdmitted(tokens);
  };
  const users = createUsers(db);
  const findToken = createLookup((ids: readonly number[]) => findTokens(db, ids));
  const guard = createGuard({ secret, findToken, snapshot });
  const idempotent = createIdempotent({ db, identify, users });
  const seatMaps = createSeatMaps(db);
  const { holdSeconds, maxTicketsPerUser: maxTickets, currency } = config;

  const lanes = createLanes(LANE_LIMITS);
  observeLanes(registry, lanes.state);

  app.use(trace(), observeRequests(registry), closeWhen(readiness.isDraining), lanes.refuse);
  app.use(helmet(HELMET), readBody(), lanes.enter);
  for (const limit of limitRates(config.rateLimits, identify)) app.use(API, limit);
  queueRoutes(app, {
    db,
    identify,
    users,
    secret,
    snapshot,
    findToken,
    seatMaps,
    starter,
    onAdmitted,
    waiting: createWaitingTokens(),
  });
  const queueOfSchedule = createQueueOfSchedule(db);
  concertRoutes(app, { db, identify, guard, seatMaps, plans: createPlans(db), queueOfSchedule });
  const terms = { holdSeconds, maxTickets, currency };
  reservationRoutes(app, { db, identify, guard, idempotent, seatMaps, starter, terms, seatClaims: createSeatClaims() });
  paymentRoutes(app, { db, client, identify, guard, idempotent });
  assetRoutes(app, { db, identify, idempotent, currency });
  adminRoutes(app, { db, identify, seatMaps, onAdmitted, queueSettings: config.queue });
  planRoutes(app, { db, identify, seatMaps });
  operatorRoutes(app, { db, identify, overview });
  if (config.auth.mode === 'dev') sessionRoutes(app, { db, users, secret });
  healthRoutes(app, { readiness, registry });
  docsRoutes(app, buildOpenApi(operations));
  pageRoutes(app, config);
  app.use(fallback(operations), problems(logger));
}

/** Browsers would turn every http request of the page at /docs into https, which a development server does not speak. */
const HELMET = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };

function createObservedRegistry({ db, starter }: AppDeps, snapshot: QueueSnapshot) {
  const registry = createRegistry();
  observePool(registry, db);
  observeDatabase(registry, db);
  observeQueues(registry, snapshot.states);
  observeStarter(registry, starter.stats);
  return registry;
}

/** A connection that is kept alive would keep a stopping server from closing. */
function closeWhen(isDraining: () => boolean): express.RequestHandler {
  return (_req, res, next) => {
    if (isDraining()) res.setHeader('Connection', 'close');
    next();
  };
}
