import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { System } from './system';

/** One more process of the system under test. */
export interface Member {
  stop(): Promise<void>;
}

/** Starts one as the script has started the first, and resolves when it is ready; from then on it is one of the system's. */
export async function startMember(
  system: System,
  kind: 'api' | 'worker',
  name: string,
  port?: number,
): Promise<Member> {
  const env = {
    ...process.env,
    ...system.settings,
    AUTH_MODE: 'dev',
    NODE_ENV: 'development',
    DRAIN_SECONDS: '0',
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: system.temporalAddress,
    TOKEN_SECRET: system.tokenSecret,
    ...(port ? { PORT: String(port) } : {}),
  };
  const file = path.join(__dirname, `../dist/cli/${kind}.js`);
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`${name} ended with exit code ${code} before it was ready`);
  });
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  system.pids[name] = child.pid as number;
  return {
    stop: async () => {
      delete system.pids[name];
      child.kill('SIGTERM');
      await exited;
    },
  };
}
