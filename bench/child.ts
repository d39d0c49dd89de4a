import { fork } from 'node:child_process';
import path from 'node:path';

/** A process of the bench that answers one request at a time. */
export interface Child {
  pid: number;
  call<Answer>(request: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

type Message = { ready: true } | { answer: unknown } | { error: string };

/** Starts `bench/<file>` and resolves once it serves. It inherits the TypeScript loader of this process. */
export async function startChild(file: string): Promise<Child> {
  const child = fork(path.join(__dirname, file), { serialization: 'advanced' });
  const exited = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`bench/${file} ended: ${signal ?? `exit code ${code}`}`)));
  });
  exited.catch(() => undefined); // heard by whoever waits for an answer
  const receive = () =>
    new Promise<Message>((resolve) => void child.once('message', (message: Message) => resolve(message)));
  await Promise.race([receive(), exited]);
  return {
    pid: child.pid as number,
    call: async <Answer>(request: unknown) => {
      const answered = receive();
      child.send(request as object);
      const message = await Promise.race([answered, exited]);
      if ('error' in message) throw new Error(`bench/${file}: ${message.error}`);
      return 'answer' in message ? (message.answer as Answer) : (undefined as Answer);
    },
    stop: async () => {
      child.disconnect();
      await exited.catch(() => undefined);
    },
  };
}

/** The other side: answers each request of the parent with what `handle` gives, until the parent is gone. */
export function serve<Request>(handle: (request: Request) => Promise<unknown>): void {
  const send = (message: Message): void => void process.send?.(message);
  process.on('message', (request: Request) => {
    handle(request).then(
      (answer) => send({ answer }),
      (error: unknown) => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  send({ ready: true });
}
