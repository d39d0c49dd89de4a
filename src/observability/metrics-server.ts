import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** The SDK answers from memory. */
const SDK_MS = 1_000;

/**
 * Serves `/metrics` of a worker on `port`: its own, and after them those of the native part of Temporal's SDK, which has
 * a server of its own at `sdkAddress`. Rejects when the port is in use.
 */
export async function serveMetrics(options: { port: number; registry: Registry; sdkAddress: string }): Promise<Server> {
  const { port, registry, sdkAddress } = options;
  const server = createServer((req, res) => {
    if (req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    // What cannot be read is missing from the scrape.
    const parts = [registry.metrics(), readSdk(sdkAddress)].map((part) => part.catch(() => ''));
    void Promise.all(parts).then(([own, sdk]) => {
      res.setHeader('Content-Type', registry.contentType);
      res.end(`${own}\n${sdk}`);
    });
  });
  server.listen(port);
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`the metrics cannot be served at port ${port}: set WORKER_METRICS_PORT to another`, {
      cause: error,
    });
  });
  return server;
}

async function readSdk(address: string): Promise<string> {
  const reply = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(SDK_MS) });
  return reply.text();
}

/** An address of this machine that nobody uses at this moment, for the SDK, which has to be told one. */
export async function freeAddress(): Promise<string> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, 'close');
  return `127.0.0.1:${port}`;
}
