import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';
import { run } from './processes.mjs';

/** Without a network this fails at once; with one that swallows packets, it must not hold everything up for minutes. */
const DOWNLOAD_LIMIT_MS = 60_000;

/** The two servers the SDK knows how to fetch: the call that does it, and what the file's name begins with. */
const servers = {
  dev: { create: 'createLocal', prefix: 'temporal-sdk-typescript' },
  timeSkipping: { create: 'createTimeSkipping', prefix: 'temporal-test-server-sdk-typescript' },
};

/** Lets the Temporal SDK download a server (`dev` or `timeSkipping`) into `dir`, once; gives the path of the program. */
export async function sdkDownload(server, dir, { say, env, signal }) {
  const { create, prefix } = servers[server];
  mkdirSync(dir, { recursive: true });
  const findFile = () => readdirSync(dir).find((file) => file.startsWith(prefix) && !file.endsWith('.downloading'));
  if (findFile()) return path.join(dir, findFile());
  say('downloading the server (once)');
  const executable = JSON.stringify({ type: 'cached-download', downloadDir: dir });
  const script = `
    const { TestWorkflowEnvironment } = require('@temporalio/testing');
    TestWorkflowEnvironment.${create}({ server: { executable: ${executable} } })
      .then((environment) => environment.teardown())
      .catch((error) => { console.error(error.message); process.exit(1); });`;
  // In a process of its own, because the download cannot be interrupted from JavaScript. It also starts the server once
  // and may lose patience doing so: what counts is the file.
  const failure = await run(process.execPath, ['--eval', script], {
    cwd: root,
    env,
    signal,
    timeoutMs: DOWNLOAD_LIMIT_MS,
  }).then(
    () => undefined,
    (error) => error,
  );
  signal?.throwIfAborted();
  const name = findFile();
  if (!name) throw failure ?? new Error(`the SDK left no server in ${dir}`);
  return path.join(dir, name);
}
