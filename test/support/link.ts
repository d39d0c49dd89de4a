import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The way to a server, which a test can cut and mend: for the test's system the server is then down, for all others up. */
export interface Link {
  readonly port: number;
  /** `host:port` of the near end. */
  readonly address: string;
  /** Connections that pass through it now. */
  open(): number;
  /** As a server that has ended: open connections are reset, new ones refused. */
  refuse(): Promise<void>;
  /**
   * As a host that has vanished: nothing passes and nobody is told. Connections that are open now are lost for good; new
   * ones are accepted, as by the host's network, and stay silent until they are mended.
   */
  silence(): void;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

export interface Links {
  database: Link;
  temporal: Link;
}

/** Links to both servers of the test run. */
export async function startLinks(): Promise<Links> {
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress } = process.env;
  if (!databaseUrl || !temporalAddress) throw new Error('no servers: run the tests with `npm test`');
  const [database, temporal] = [new URL(databaseUrl), new URL(`tcp://${temporalAddress}`)];
  return {
    database: await startLink(database),
    temporal: await startLink(temporal),
  };
}

const MYSQL_PORT = 3306;

/** A link to the server that a URL names. */
export async function startLink({ hostname, port: farPort }: URL): Promise<Link> {
  const target = { host: hostname, port: Number(farPort || MYSQL_PORT) };
  const sockets = new Set<Socket>();
  /** New connections of a silent link, each with what begins to pass its bytes on. */
  const parked: (() => void)[] = [];
  let silent = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const accept = (near: Socket): void => {
    keep(near).pause();
    const pass = () => joinSockets(near, keep(connect(target)));
    if (silent) parked.push(pass);
    else pass();
  };
  let server: Server | undefined = createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const refuse = async (): Promise<void> => {
    parked.length = 0;
    const closing = server;
    server = undefined;
    const closed = closing && once(closing, 'close');
    closing?.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    address: `127.0.0.1:${port}`,
    open: () => sockets.size / 2,
    refuse,
    silence: () => {
      silent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend: async () => {
      silent = false;
      for (const pass of parked.splice(0)) pass();
      if (server) return;
      server = createServer(accept).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    stop: refuse,
  };
}

function joinSockets(near: Socket, far: Socket): void {
  near.pipe(far);
  far.pipe(near);
  near.once('close', () => far.destroy());
  far.once('close', () => near.destroy());
}
