import { readFileSync } from 'node:fs';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions, WorkflowClientInterceptor } from '@temporalio/client';
import type { Config } from '../config';

/** TLS and credentials as both kinds of connection, the client's and the worker's, take them. */
export function connectionOptions(temporal: Config['temporal']) {
  const { address, apiKey, tls, caFile, certFile, keyFile } = temporal;
  const certificates = {
    ...(caFile ? { serverRootCACertificate: readFileSync(caFile) } : {}),
    ...(certFile && keyFile ? { clientCertPair: { crt: readFileSync(certFile), key: readFileSync(keyFile) } } : {}),
  };
  const secured = tls || apiKey !== undefined || Object.keys(certificates).length > 0;
  return { address, ...(apiKey ? { apiKey } : {}), ...(secured ? { tls: certificates } : {}) };
}

/** After an outage of any length the way back is tried this often; gRPC's own habit is to wait for up to two minutes. */
const RECONNECT_MS_MAX = 2_000;
/** A host that vanished does not say so: it is asked this often and given up without an answer. Servers allow 10 s. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** Who calls, its tries included, waits no longer for an answer. The client's own default is to wait for ever. */
const CALL_MS = 5_000;
/**
 * Longer than a payment takes while a killed worker's workflows move on to another (10 s sticky, then the activity); a
 * client that waited this long is told to ask again with the same key.
 */
export const PAY_MS = 15_000;
const OTHER_CALLS_MS: Readonly<Record<string, number>> = {
  ExecuteMultiOperation: PAY_MS,
  PollWorkflowExecutionUpdate: PAY_MS,
  // Whoever looks at the numbers, or at our health, is not to wait for them.
  CountWorkflowExecutions: 2_000,
  GetSystemInfo: 1_000,
};

type GrpcInterceptor = NonNullable<ConnectionOptions['interceptors']>[number];

const deadlines: GrpcInterceptor = (options, nextCall) => {
  const method = options.method_definition.path.split('/').at(-1) ?? '';
  const deadline = Date.now() + (OTHER_CALLS_MS[method] ?? CALL_MS);
  return nextCall({ ...options, deadline }) as ReturnType<GrpcInterceptor>;
};

/**
 * A connection without AsyncLocalStorage. The SDK carries metadata and deadlines in it, and from its first use on Node 20
 * follows every promise of the process: that was a fifth of the API's work for a poll.
 */
class Direct extends Connection {
  /** The only metadata of a call is its namespace, which every call of this connection has anyway. */
  override withMetadata<Result>(_metadata: object, call: () => Promise<Result>): Promise<Result> {
    return call();
  }
}

/**
 * A client that connects at its first call, so that the API starts and serves while Temporal is down. Its calls have
 * deadlines by their kind; `withDeadline` and its like would bring AsyncLocalStorage back.
 */
export function connectTemporal(
  temporal: Config['temporal'],
  workflow: WorkflowClientInterceptor[],
): { client: Client; close(): Promise<void> } {
  const channelArgs = {
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEP_ALIVE_TIMEOUT_MS,
  };
  const connection = Direct.lazy({
    ...connectionOptions(temporal),
    channelArgs,
    metadata: { 'temporal-namespace': temporal.namespace },
    interceptors: [deadlines, makeGrpcRetryInterceptor(defaultGrpcRetryOptions())],
  });
  const client = new Client({ connection, namespace: temporal.namespace, interceptors: { workflow } });
  return { client, close: () => connection.close() };
}
