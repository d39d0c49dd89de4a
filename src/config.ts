import { z } from 'zod';

/** Task queues, one per kind of workflow, so that each scales and fails alone. */
export const TASK_QUEUES = ['frontrow-queue', 'frontrow-reservation', 'frontrow-payment'] as const;
export type TaskQueue = (typeof TASK_QUEUES)[number];

/** A secret shorter than this can be guessed off line (HS256 wants 256 bits: RFC 7518, 3.2). */
const TOKEN_SECRET_LENGTH_MIN = 32;

const DATABASE_URL_FORM = 'must look like mysql://user:password@host:3306/database';
const positive = z.coerce.number().int().positive();

const Servers = z.object({
  DATABASE_URL: z.string(DATABASE_URL_FORM).regex(/^mysql:\/\//, DATABASE_URL_FORM),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: z.enum(['true', 'false']).optional(),
  TEMPORAL_TLS_CA_FILE: z.string().optional(),
  TEMPORAL_TLS_CERT_FILE: z.string().optional(),
  TEMPORAL_TLS_KEY_FILE: z.string().optional(),
  TEMPORAL_UI_URL: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must look like https://temporal.example.org')
    .optional(),
});

const Environment = Servers.extend({
  NODE_ENV: z.string().default('development'),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  DATABASE_POOL: positive.max(200).default(16),
  HOLD_SECONDS: positive.max(86_400).default(300),
  TOKEN_SECRET: z.string().min(TOKEN_SECRET_LENGTH_MIN, `needs at least ${TOKEN_SECRET_LENGTH_MIN} characters`),
  QUEUE_MAX_ACTIVE: positive.max(1_000_000).default(50),
  QUEUE_ACTIVE_SECONDS: positive.max(86_400).default(600),
  MAX_TICKETS_PER_USER: positive.max(100).default(4),
  CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
    .default('KRW'),
  AUTH_MODE: z.enum(['dev', 'jwks']).default('jwks'),
  AUTH_JWKS_URL: z.string().optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_CLIENT_ID: z.string().optional(),
  DRAIN_SECONDS: z.coerce.number().min(0).max(60).default(5),
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(0).default(0),
  RATE_LIMIT_ADDRESS_PER_MINUTE: z.coerce.number().int().min(0).default(0),
  TRUST_PROXY: z.coerce.number().int().min(0).default(0),
  WORKER_TASK_QUEUES: z
    .string()
    .default(TASK_QUEUES.join(','))
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(TASK_QUEUES)).min(1)),
  WORKER_METRICS_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/protobuf').optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.literal('http/protobuf').optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = Readonly<ReturnType<typeof shape>>;

/**
 * Reads the settings of this process from `env`. Throws one `Error` that names every variable that is wrong and what
 * would be right. Development conveniences are refused when `NODE_ENV=production`.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const config = shape(read(Environment, env));
  if (config.auth.mode === 'dev' && config.production) {
    throw new Error(
      'AUTH_MODE=dev signs its own identities and is refused when NODE_ENV=production: use AUTH_MODE=jwks',
    );
  }
  if (config.auth.mode === 'jwks' && !(config.auth.jwksUrl && config.auth.issuer && config.auth.audience)) {
    throw new Error('AUTH_MODE=jwks needs AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE');
  }
  return config;
}

/** What a tool needs that only looks: the database, and Temporal where it is set. Throws as `loadConfig` does. */
export function loadServers(env: NodeJS.ProcessEnv = process.env) {
  const servers = read(Servers, env);
  return { databaseUrl: servers.DATABASE_URL, temporal: env.TEMPORAL_ADDRESS ? shapeTemporal(servers) : undefined };
}

function read<Schema extends z.ZodType>(schema: Schema, env: NodeJS.ProcessEnv): z.infer<Schema> {
  // Compose files and shells pass what is not set as an empty string.
  const set = Object.entries(env).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(set));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`These settings are wrong:\n${faults.join('\n')}`);
}

/** As OpenTelemetry says, except that without an exporter or its address nothing is exported. */
function wantsTraces(env: z.infer<typeof Environment>): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return address !== undefined || env.OTEL_TRACES_EXPORTER === 'otlp';
}

function shape(env: z.infer<typeof Environment>) {
  return Object.freeze({
    production: env.NODE_ENV === 'production',
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    temporal: shapeTemporal(env),
    holdSeconds: env.HOLD_SECONDS,
    tokenSecret: env.TOKEN_SECRET,
    queue: Object.freeze({ maxActive: env.QUEUE_MAX_ACTIVE, activeSeconds: env.QUEUE_ACTIVE_SECONDS }),
    maxTicketsPerUser: env.MAX_TICKETS_PER_USER,
    currency: env.CURRENCY,
    auth: Object.freeze({
      mode: env.AUTH_MODE,
      jwksUrl: env.AUTH_JWKS_URL,
      issuer: env.AUTH_ISSUER,
      audience: env.AUTH_AUDIENCE,
      clientId: env.AUTH_CLIENT_ID,
    }),
    drainSeconds: env.DRAIN_SECONDS,
    rateLimits: Object.freeze({ perUser: env.RATE_LIMIT_PER_MINUTE, perAddress: env.RATE_LIMIT_ADDRESS_PER_MINUTE }),
    trustProxy: env.TRUST_PROXY,
    workerTaskQueues: Object.freeze(env.WORKER_TASK_QUEUES),
    workerMetricsPort: env.WORKER_METRICS_PORT,
    tracing: wantsTraces(env),
    logLevel: env.LOG_LEVEL,
  });
}

function shapeTemporal(env: z.infer<typeof Servers>) {
  return Object.freeze({
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    apiKey: env.TEMPORAL_API_KEY,
    tls: env.TEMPORAL_TLS === 'true',
    caFile: env.TEMPORAL_TLS_CA_FILE,
    certFile: env.TEMPORAL_TLS_CERT_FILE,
    keyFile: env.TEMPORAL_TLS_KEY_FILE,
    uiUrl: env.TEMPORAL_UI_URL,
  });
}
