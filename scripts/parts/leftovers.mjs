import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that flushes gigabytes on SIGTERM still ends within this; after it SIGKILL is safe, as after a crash. */
const LEFTOVER_GRACE_MS = 30_000;
const POLL_MS = 50;

/** Whether process `pid` lives and its command line contains `marker`: a number alone may have been given out anew. */
export function isRunning(pid, marker) {
  return commandLine(pid).includes(marker);
}

/** The process id in `file`, or undefined. */
export function readPid(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Stops what a start that was killed left running: the process of `pidFile`, if its command line contains `marker`. */
export async function stopLeftover(pidFile, marker, log) {
  const pid = readPid(pidFile);
  if (pid && isRunning(pid, marker)) {
    log(`stopping process ${pid}, left over from an earlier start`);
    process.kill(pid, 'SIGTERM');
    for (let waitedMs = 0; isRunning(pid, marker); waitedMs += POLL_MS) {
      if (waitedMs === LEFTOVER_GRACE_MS) process.kill(pid, 'SIGKILL');
      await sleep(POLL_MS);
    }
  }
  rmSync(pidFile, { force: true });
}

function commandLine(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return ''; // no such process
  }
}
