import type { RequestListener } from 'node:http';
import type { Client } from '@temporalio/client';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config';
import type { Database } from '../db/connect';
import { findTokens, type QueueToken } from '../db/tokens';
import { observeDatabase } from '../observability/database-metrics';
import { observeLanes, observeRequests } from '../observability/http-metrics';
import { observeQueues, observeStarter } from '../observability/queue-metrics';
import { observeStreams } from '../observability/stream-metrics';
import type { Starter } from '../temporal/starter';
import { createAdmission } from './admission';
import { createIdentify } from './auth';
import { createLookup } from './batches';
import { readBody } from './body';
import { fallback } from './fallback';
import { createGuard } from './guard';
import { createIdempotent } from './idempotency';
import { buildOpenApi } from './openapi';
import { operationsFor } from './operations/all';
import { createLanes, LANE_LIMITS, type Lanes } from './lanes';
import { createLive, type Live } from './live/live';
import { STREAM_KINDS } from './live/streams';
import { API } from './paths';
import { createEase } from './pressure';
import { problems } from './problem';
import { createSaleOfQueue } from './queue-sales';
import { createQueueSnapshot, type QueueSnapshot } from './queue-snapshot';
import { createQueueTokens } from './queue-token';
import { limitRates } from './rate-limit';
import { createOverview, type Overview } from './overview';
import { createPlans } from './plans';
import { prepareReplies } from './reply';
import { createReadiness, type Readiness } from './readiness';
import { adminRoutes } from './routes/admin';
import { assetRoutes } from './routes/asset';
import { concertRoutes } from './routes/concert';
import { docsRoutes } from './routes/docs';
import { healthRoutes } from './routes/health';
import { liveRoutes } from './routes/live';
import { operatorRoutes } from './routes/operator';
import { pageRoutes } from './routes/pages';
import { paymentRoutes } from './routes/payment';
import { planRoutes } from './routes/plan';
import { queueRoutes } from './routes/queue';
import { reservationRoutes } from './routes/reservation';
import { routesOf } from './routes/routes';
import { sessionRoutes } from './routes/session';
import { createQueueOfSchedule } from './schedule-queues';
import { createSeatClaims } from './seat-claims';
import { createSeatMaps, type SeatMaps } from './seat-maps';
import { createShed } from './shed';
import { createUsers } from './users';
import { createWaitingTokens } from './waiting-tokens';

export interface AppDeps {
  config: Config;
  db: Database;
  client: Client;
  starter: Starter;
  logger: Logger;
  registry: Registry;
}

export interface App {
  express: Express;
  /** `express`, behind the door where it is decided who finds room. */
  listener: RequestListener;
  /** Begins to follow the queues; resolves once the first reading succeeded and polls can be answered. */
  start(): Promise<void>;
  /** Not ready any more, and replies ask clients to close their connections. */
  drain(): void;
  /** Ends every stream, whose client then goes on at another process. */
  hangUp(): void;
  /** Ends what `start` began. What was passed in stays open: it is its opener's to close. */
  close(): Promise<void>;
}

/** The whole API on these dependencies. Opens nothing and reads nothing before `start`. */
export function createApp(deps: AppDeps): App {
  const { db, client, starter, logger } = deps;
  const snapshot = createQueueSnapshot({ db, logger });
  const onAdmitted = (tokens: QueueToken[]): void => {
    snapshot.admitted(tokens);
    starter.tokensAdmitted(tokens);
  };
  const admission = createAdmission({ db, logger, snapshot, onAdmitted });
  const readiness = createReadiness({ db, client, snapshot });
  const overview = createOverview({ db, client, snapshot, config: deps.config });
  const seatMaps = createSeatMaps(db);
  const live = createLive({ db, snapshot, seatMaps, logger });
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('trust proxy', deps.config.trustProxy);
  const lanes = createLanes({ limits: LANE_LIMITS, ease: createEase(), shed: createShed(readiness.isDraining) });
  addRoutes(app, deps, { snapshot, readiness, overview, lanes, seatMaps, live, onAdmitted });
  return {
    express: app,
    listener: lanes.before(observeRequests(deps.registry, closeWhen(readiness.isDraining, app))),
    start: async () => {
      await snapshot.start();
      void admission.start();
      await live.start();
    },
    drain: readiness.drain,
    hangUp: live.streams.hangUp,
    close: async () => {
      await Promise.all([snapshot.close(), admission.close(), readiness.close(), overview.close(), live.close()]);
    },
  };
}

/** What lives as long as the app, and is used by more than one route. */
interface Parts {
  snapshot: QueueSnapshot;
  readiness: Readiness;
  overview: Overview;
  lanes: Lanes;
  seatMaps: SeatMaps;
  live: Live;
  onAdmitted: (tokens: QueueToken[]) => void;
}

function addRoutes(app: Express, deps: AppDeps, parts: Parts): void {
  const { snapshot, readiness, overview, lanes, seatMaps, live, onAdmitted } = parts;
  const { config, db, client, starter, logger, registry } = deps;
  observeParts(deps, parts);
  const operations = operationsFor(config.auth.mode);
  const identify = createIdentify(config);
  const queueTokens = createQueueTokens(config.tokenSecret);
  const users = createUsers(db);
  const findToken = createLookup((ids: readonly number[]) => findTokens(db, ids));
  const guard = createGuard({ queueTokens, findToken, snapshot });
  const idempotent = createIdempotent({ db, identify });
  const queueOfSchedule = createQueueOfSchedule(db);
  const { tokenWatch } = live;
  const { holdSeconds, maxTicketsPerUser: maxTickets, currency } = config;

  app.use(readBody(), lanes.enter);
  for (const limit of limitRates(config.rateLimits, identify)) app.use(API, limit);
  const answerErrors = problems(logger);
  const routes = routesOf(app, answerErrors);
  queueRoutes(routes, {
    db,
    identify,
    users,
    queueTokens,
    snapshot,
    findToken,
    seatMaps,
    starter,
    tokenWatch,
    onAdmitted,
    saleOfQueue: createSaleOfQueue(db),
    waiting: createWaitingTokens(),
  });
  concertRoutes(routes, { db, identify, guard, seatMaps, plans: createPlans(db), queueOfSchedule });
  liveRoutes(routes, { identify, guard, queueOfSchedule, queueTokens, snapshot, findToken, live });
  const terms = { holdSeconds, maxTickets, currency };
  const seatClaims = createSeatClaims();
  reservationRoutes(routes, { db, identify, guard, idempotent, seatMaps, starter, terms, seatClaims, tokenWatch });
  paymentRoutes(routes, { db, client, identify, guard, idempotent, tokenWatch });
  assetRoutes(routes, { db, identify, users, idempotent, currency });
  adminRoutes(routes, { db, identify, seatMaps, onAdmitted, queueSettings: config.queue });
  planRoutes(routes, { db, identify, seatMaps });
  operatorRoutes(routes, { db, identify, overview });
  if (config.auth.mode === 'dev') sessionRoutes(routes, { db, users, secret: config.tokenSecret });
  healthRoutes(routes, { readiness, registry });
  app.use(prepareReplies());
  docsRoutes(app, buildOpenApi(operations));
  pageRoutes(app, config);
  app.use(fallback(operations), answerErrors);
}

function observeParts({ registry, db, starter }: AppDeps, { snapshot, live, lanes }: Parts): void {
  observeDatabase(registry, db);
  observeQueues(registry, snapshot.states);
  observeStarter(registry, starter.stats);
  observeStreams(registry, STREAM_KINDS, live.streams.count);
  observeLanes(registry, lanes.state);
}

/** A connection that is kept alive would keep a stopping server from closing. */
function closeWhen(isDraining: () => boolean, listener: RequestListener): RequestListener {
  return (req, res) => {
    if (isDraining()) res.setHeader('Connection', 'close');
    listener(req, res);
  };
}
