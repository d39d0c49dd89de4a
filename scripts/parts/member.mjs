import { startProcess } from './processes.mjs';

/** A process that dies this often within this time will not live the next time either. */
const DEATHS_MAX = 5;
const DEATHS_WITHIN_MS = 60_000;

/**
 * Starts a process that can be replaced, each time by `start()`, which gives a child as `startChild` does:
 * `{name, logFile, pid, exited, kill(signalName), restart(), stop()}`, where `pid` and `exited` are those of the process
 * that is there now.
 */
export async function replaceable(start) {
  let starting = start();
  let child = await starting;
  return {
    name: child.name,
    logFile: child.logFile,
    get pid() {
      return child.pid;
    },
    get exited() {
      return child.exited;
    },
    kill: (signalName = 'SIGKILL') => child.kill(signalName),
    restart: async () => {
      await child.stop();
      starting = start();
      child = await starting;
    },
    stop: async () => {
      await starting.catch(() => {}); // whoever asked for that start hears of its failure
      await child.stop();
    },
  };
}

/** Starts a process of ours that can be replaced. `signal` ends a start that is under way. */
export function startMember({ name, file, env, logFile, signal }) {
  return replaceable(() => startProcess(name, file, { env, logFile, signal }));
}

/**
 * Starts members that end by themselves anew, until `signal` is aborted. Rejects once one has died too often, or one of
 * the `servers` below them has ended.
 */
export async function keepAlive({ members, servers, log, signal }) {
  const over = new AbortController(); // whichever way this ends, what is stopped then must not be started again
  const watching = AbortSignal.any([signal, over.signal]);
  const interrupted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const serverEnds = servers.filter((server) => server.exited).map((server) => serverEnd(server, watching));
  try {
    await Promise.race([interrupted, ...serverEnds, ...members.map((member) => keepOne(member, log, watching))]);
  } finally {
    over.abort();
  }
}

async function keepOne(member, log, signal) {
  const deaths = [];
  for (;;) {
    const reason = await member.exited;
    if (signal.aborted) return;
    deaths.push(Date.now());
    if (deaths.at(-DEATHS_MAX) > Date.now() - DEATHS_WITHIN_MS) {
      throw new Error(`${member.name} ended ${DEATHS_MAX} times within a minute: see ${member.logFile}`);
    }
    log(member.name, `ended (${reason}), starting it again`);
    await member.restart().catch((error) => signal.aborted || log(member.name, error.message));
  }
}

async function serverEnd(server, signal) {
  const reason = await server.exited;
  if (!signal.aborted) throw new Error(`${server.name} ended (${reason}): see ${server.logFile}`);
}
