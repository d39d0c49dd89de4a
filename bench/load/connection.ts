import { connect, type Socket } from 'node:net';
import type { Target } from './plan';

const HEAD_END = '\r\n\r\n';
const STATUS_AT = 'HTTP/1.1 '.length;
const STATUS_LENGTH = 3;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

export interface Reply {
  status: number;
  /** Status line and headers. */
  head: string;
  body: Buffer;
}

/** A keep-alive connection that carries one request at a time. */
export interface Connection {
  /** Sends a whole HTTP/1.1 request as it stands; resolves with its reply, rejects when the connection ends first. */
  exchange(request: Buffer): Promise<Reply>;
  close(): void;
}

/**
 * Opens a connection. It reads just as much HTTP as our own servers speak (Content-Length, no chunks), so that one core
 * can ask for more than the server on the other can answer.
 */
export async function openConnection({ host, port }: Target): Promise<Connection> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return carry(socket);
}

function carry(socket: Socket): Connection {
  let received: Buffer | undefined;
  let settle: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  const fail = (error: Error): void => {
    settle?.reject(error);
    settle = undefined;
    socket.destroy();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection in mid-request')));
  socket.on('data', (chunk) => {
    received = received ? Buffer.concat([received, chunk]) : chunk;
    try {
      const reply = readReply(received);
      if (!reply) return;
      received = undefined;
      const done = settle;
      settle = undefined;
      done?.resolve(reply);
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
}

/** The reply, once all of it is there. */
function readReply(received: Buffer): Reply | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = received.toString('latin1', 0, headEnd);
  const status = Number(head.slice(STATUS_AT, STATUS_AT + STATUS_LENGTH));
  const bodyAt = headEnd + HEAD_END.length;
  const bodyEnd = bodyAt + bodyLength(status, head);
  return received.length < bodyEnd ? undefined : { status, head, body: received.subarray(bodyAt, bodyEnd) };
}

function bodyLength(status: number, head: string): number {
  if (status === 204 || status === 304) return 0;
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (length === undefined) throw new Error(`a reply without Content-Length:\n${head}`);
  return Number(length);
}
