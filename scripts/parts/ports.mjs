import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port that is free on this machine right now: the first of `preferred` that is, otherwise any. */
export async function freePort(...preferred) {
  for (const port of preferred) {
    if (port && (await isFree(port))) return port;
  }
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a server could listen on `port` now, on all addresses and on the loopback one. */
export async function isFree(port) {
  return (await canListen(port)) && (await canListen(port, '127.0.0.1'));
}

function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
