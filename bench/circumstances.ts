import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type CpuInfo } from 'node:os';
import { select } from '../src/db/sql';
import type { Bench } from './bench';

/** Everything a number depends on that is not in the code. Texts only, in the order of the report. */
export type Circumstances = Record<string, string>;

const DURABILITY = ['innodb_flush_log_at_trx_commit', 'innodb_doublewrite', 'innodb_flush_method', 'log_bin'];

export async function readCircumstances(bench: Bench): Promise<Circumstances> {
  const { system, seconds } = bench;
  return {
    date: new Date().toISOString(),
    commit: readCommit(),
    machine: `${(cpus()[0] as CpuInfo).model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB; everything on it`,
    'load before': loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
    node: process.version,
    database: await readDatabase(bench),
    temporal: await readTemporal(bench),
    'data folder': readFileSystem(system.dataDir),
    settings: Object.entries(system.settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    'timed seconds a round': String(seconds),
  };
}

function readCommit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '.', ':!bench/results') ? ' and uncommitted changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

async function readDatabase({ db }: Bench): Promise<string> {
  const [version] = await select<{ version: string }>(db, 'SELECT VERSION() AS version');
  const sql = 'SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)';
  const settings = await select<{ Variable_name: string; Value: string }>(db, sql, [DURABILITY]);
  return [version?.version, ...settings.map((row) => `${row.Variable_name}=${row.Value}`)].join(', ');
}

async function readTemporal({ temporal, system }: Bench): Promise<string> {
  const { serverVersion } = await temporal.workflowService.getSystemInfo({});
  const args = readFileSync(`/proc/${system.pids.temporal}/cmdline`, 'utf8').split('\0');
  const pragmas = args.filter((_, index) => args[index - 1] === '--sqlite-pragma');
  return [`server ${serverVersion}`, 'SQLite file', ...pragmas].join(', ');
}

/** The file system that holds the data: on one in memory the numbers would mean nothing. */
function readFileSystem(dir: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string, string]);
  const above = mounts.filter(([, point]) => `${dir}/`.startsWith(point === '/' ? '/' : `${point}/`));
  const [device, , type] = above.sort((a, b) => b[1].length - a[1].length)[0] ?? ['unknown', '', 'unknown'];
  if (type === 'tmpfs') throw new Error('The data folder is in memory: durable writes would cost nothing there');
  return `${type} on ${device}`;
}
