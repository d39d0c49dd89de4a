import { readFileSync } from 'node:fs';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
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

/** A client that connects at its first call, so that the API starts and serves while Temporal is down. */
export function connectTemporal(
  temporal: Config['temporal'],
  workflow: WorkflowClientInterceptor[],
): { client: Client; close(): Promise<void> } {
  const channelArgs = {
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
    'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEP_ALIVE_TIMEOUT_MS,
  };
  const connection = Connection.lazy({ ...connectionOptions(temporal), channelArgs });
  const client = new Client({ connection, namespace: temporal.namespace, interceptors: { workflow } });
  return { client, close: () => connection.close() };
}
