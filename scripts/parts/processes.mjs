import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** From SIGTERM to SIGKILL: longer than a worker's own grace for running activities (10 s). */
const STOP_GRACE_MS = 15_000;
/** A command of the set-up has nothing to finish, and npm does not listen while it unpacks. */
const COMMAND_STOP_GRACE_MS = 2_000;
/** A database that replays its log after a crash may need long; nothing else comes near this. */
const READY_LIMIT_MS = 120_000;
const ERROR_LINES = 30;

/**
 * Runs a command to its end and gives its stdout; rejects with its last lines when it fails. It has a process group of
 * its own, so that Ctrl-C in the terminal reaches this script only, and `signal` or `timeoutMs` then ends all of it.
 * `show` hands it our stdout and stderr instead; `onLine` sees every line of both.
 */
export async function run(file, args, { cwd, env = process.env, signal, timeoutMs, onLine, show = false } = {}) {
  signal?.throwIfAborted();
  const output = show ? 'inherit' : 'pipe';
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  const closed = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  let stdout = '';
  const lines = [];
  const collect = (text) => {
    for (const line of text.split('\n').filter(Boolean)) {
      onLine?.(line);
      lines.push(line);
      if (lines.length > ERROR_LINES) lines.shift();
    }
  };
  child.stdout?.setEncoding('utf8').on('data', (text) => ((stdout += text), collect(text)));
  child.stderr?.setEncoding('utf8').on('data', collect);

  const stop = () => void stopGroup(child, COMMAND_STOP_GRACE_MS);
  const timer = timeoutMs && setTimeout(stop, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  const result = await closed;
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (result === 0) return stdout;
  const reason = result instanceof Error ? result.message : (child.signalCode ?? `exit code ${result}`);
  throw new Error([`${[file, ...args].slice(0, 3).join(' ')}: ${reason}`, ...lines].join('\n  '));
}

/**
 * Starts a long-running process with its output in `logFile` and resolves once `ready(child, over)` does; rejects with
 * the last lines of the log if the process ends earlier. `pidFile` lets a later start find it should this one be killed.
 */
export async function startChild(name, file, args, options) {
  const { env = process.env, logFile, pidFile, ipc = false, ready, signal, graceMs = STOP_GRACE_MS } = options;
  signal?.throwIfAborted();
  const output = openSync(logFile, 'a', 0o600);
  const logStart = statSync(logFile).size;
  const stdio = ['ignore', output, output, ...(ipc ? ['ipc'] : [])];
  const child = spawn(file, args, { env, detached: true, stdio });
  closeSync(output);
  if (pidFile && child.pid) writeFileSync(pidFile, String(child.pid));
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signalName) => resolve(signalName ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const stop = async () => {
    await stopGroup(child, graceMs);
    if (pidFile) rmSync(pidFile, { force: true });
  };

  const over = new AbortController();
  const endedEarly = async () => {
    const reason = await exited;
    throw new Error([`${name} ended before it was ready (${reason})`, ...lastLines(logFile, logStart)].join('\n  '));
  };
  try {
    await Promise.race([ready(child, over.signal), endedEarly(), interrupted(name, signal, over.signal)]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    over.abort();
  }
  return { name, logFile, pid: child.pid, exited, kill: (signalName) => child.kill(signalName), stop };
}

/** Starts one of our own entry points under `dist/cli`, which says `ready` over IPC and ends when that channel closes. */
export function startProcess(name, file, { env, logFile, signal }) {
  const ready = (child) => new Promise((resolve) => child.on('message', (message) => message === 'ready' && resolve()));
  return startChild(name, process.execPath, [file], { env, logFile, ipc: true, ready, signal });
}

/** Ends a child and whatever it started: SIGTERM, then SIGKILL after `graceMs`. Resolves when the child is gone. */
export async function stopGroup(child, graceMs = STOP_GRACE_MS) {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  signalGroup(child.pid, graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

function signalGroup(pid, signalName) {
  try {
    process.kill(-pid, signalName);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function interrupted(name, signal, over) {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
    const late = () => reject(new Error(`${name} was not ready after ${READY_LIMIT_MS / 1000} s`));
    const timer = setTimeout(late, READY_LIMIT_MS);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function lastLines(file, start) {
  const text = readFileSync(file).subarray(start).toString();
  return text.split('\n').filter(Boolean).slice(-ERROR_LINES);
}
