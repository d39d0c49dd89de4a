import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Slow bytes come in pieces of this size, one after each pause. */
const SLOW_BYTES = 32;
const SLOW_PAUSE_MS = 2;

/** One direction of a connection: bytes wait for `gate`, and trickle until `slowUntilMs`. */
interface Lane {
  gate: Promise<unknown>;
  slowUntilMs: number;
}

/** A connection that passes through a proxy. Direction 0 leads to the server, 1 back. */
export class Connection {
  readonly lanes: readonly [Lane, Lane];
  private vanished = false;

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
  ) {
    const lane = (): Lane => ({ gate: Promise.resolve(), slowUntilMs: 0 });
    this.lanes = [lane(), lane()];
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => undefined);
    // Of a peer that vanished, nobody hears anything, nor that it has closed.
    near.once('close', () => this.vanished || far.destroySoon());
    far.once('close', () => this.vanished || near.destroySoon());
    pump(near, far, this.lanes[0]).catch(() => undefined);
    pump(far, near, this.lanes[1]).catch(() => undefined);
  }

  get open(): boolean {
    return !(this.near.closed || this.far.closed);
  }

  delay(direction: 0 | 1, ms: number): void {
    const lane = this.lanes[direction];
    lane.gate = Promise.all([lane.gate, delay(ms)]);
  }

  slow(direction: 0 | 1, ms: number): void {
    this.lanes[direction].slowUntilMs = Date.now() + ms;
  }

  reset(): void {
    for (const socket of [this.near, this.far]) socket.resetAndDestroy();
  }

  /** Half open: from now on nothing passes in these directions and nobody is told, until a reset after `ms`. */
  vanish(directions: readonly (0 | 1)[], ms: number): void {
    this.vanished = true;
    for (const direction of directions) this.lanes[direction].gate = new Promise(() => undefined);
    setTimeout(() => this.reset(), ms).unref();
  }

  /** What was half open is found out; everything else is as good as before. */
  mend(): void {
    if (this.vanished) this.reset();
    for (const lane of this.lanes) lane.slowUntilMs = 0;
  }
}

/** Nothing waits for the reader: messages here are small, and a lane that is shut is shut for seconds. */
async function pump(from: Socket, to: Socket, lane: Lane): Promise<void> {
  for await (const chunk of from as AsyncIterable<Buffer>) {
    await lane.gate;
    for (let start = 0; start < chunk.length;) {
      const slow = Date.now() < lane.slowUntilMs;
      const end = slow ? start + SLOW_BYTES : chunk.length;
      to.write(chunk.subarray(start, end));
      if (slow) await delay(SLOW_PAUSE_MS);
      start = end;
    }
  }
  to.end();
}

/** A way to a server that can be made bad. */
export interface Proxy {
  /** `host:port` of the near end. */
  readonly address: string;
  open(): Connection[];
  /** As a server that has ended: open connections are reset, and new ones too, for `ms`. */
  refuse(ms: number): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startProxy(address: string): Promise<Proxy> {
  const { hostname: host, port } = new URL(`tcp://${address}`);
  const connections = new Set<Connection>();
  let refusedUntilMs = 0;
  const server = createServer((near) => {
    if (Date.now() < refusedUntilMs) return near.on('error', () => undefined).resetAndDestroy();
    const connection = new Connection(near, connect(Number(port), host));
    connections.add(connection);
    return near.once('close', () => connections.delete(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = (): Connection[] => [...connections].filter((connection) => connection.open);
  const resetAll = (): void => {
    for (const connection of connections) connection.reset();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    refuse: (ms) => {
      refusedUntilMs = Date.now() + ms;
      resetAll();
    },
    mend: () => {
      refusedUntilMs = 0;
      for (const connection of connections) connection.mend();
    },
    stop: async () => {
      server.close();
      resetAll();
      if (server.listening) await once(server, 'close');
    },
  };
}
