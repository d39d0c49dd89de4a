import { readFileSync } from 'node:fs';

/** The unit of /proc/<pid>/stat on every Linux that Node runs on. */
const TICK_MS = 10;
/** utime and stime, counted after the name of the program, which may contain spaces. */
const CPU_FIELDS = [11, 12] as const;

/** Resident memory of a process now and at its highest, in MB (10^6 bytes). */
export interface Memory {
  nowMb: number;
  peakMb: number;
}

export function readMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return (Number(kibibytes) * 1_024) / 1_000_000;
  };
  return { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

/** The processor time each of these processes has used since its start, by the same names. */
export function readCpuMs(pids: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processCpuMs(pid)]));
}

/** The processor time between two readings over `count`, by process. */
export function cpuMsOfOne(
  before: Record<string, number>,
  after: Record<string, number>,
  count: number,
): Record<string, number> {
  const used = Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / count] as const);
  return Object.fromEntries(used);
}

/** Such as `181 ms (api 10, worker 72, temporal 91, database 8)`. */
export function describeCosts(cpuMs: Record<string, number>): string {
  const total = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
  const parts = Object.entries(cpuMs).map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
  return `${total.toFixed(0)} ms (${parts.join(', ')})`;
}

function processCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return CPU_FIELDS.reduce((sum, field) => sum + Number(fields[field]), 0) * TICK_MS;
}
