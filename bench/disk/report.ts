import type { Bench } from '../bench';
import type { Circumstances } from '../circumstances';
import { markdownTable, writePage } from '../results';
import type { LivesMeasured } from './lives';
import { keyBytes, type RowsMeasured } from './rows';
import { total, type Bytes } from './tables';

const PAGE = { name: 'disk', title: 'Disk', command: 'npm run bench -- disk' };
/** The sale of docs/sizing.md: orders of two seats, and users who join. */
const ORDERS = 25_000;
const JOINS = 1_000_000;
const HOUR_SECONDS = 3_600;
const DAY_MINUTES = 1_440;

/** Shows what was measured and writes `results/disk.md`. */
export async function report(
  bench: Bench,
  circumstances: Circumstances,
  rows: RowsMeasured,
  lives: LivesMeasured,
): Promise<void> {
  const text = writePage(PAGE, circumstances, [
    '## The database',
    'Bytes for one of each, by the pages of tables and indexes; users join, charge and hold in no order of their ids.',
    rowsTable(rows),
    listOf([
      `kept for good: ${kept(rows, JOINING).toFixed(0)} B for a fan who joins, ${kept(rows, PAYING).toFixed(0)} B for one who also charges and pays two seats, ${kept(rows, RUN_OUT).toFixed(0)} B for a hold that ran out`,
      `all files of the tables: ${megabytes(rows.files)}, with ${megabytes(rows.used)} of pages`,
      `idempotency keys deleted as the sweep does it: their file ${megabytes(rows.keyFiles.full)} before, ${megabytes(rows.keyFiles.emptied)} after, ${megabytes(rows.keyFiles.refilled)} with a quarter as many new ones`,
      `files that all databases of the server share: ${describeShared(rows.shared)}`,
    ]),
    '## Temporal',
    'Bytes for one of each, by the pages of its SQLite file, visibility included.',
    markdownTable(
      ['', 'bytes'],
      lives.stored.map(([name, bytes]) => [name, bytes.toFixed(0)]),
    ),
    markdownTable(
      ['history of a closed workflow', 'bytes', 'events'],
      lives.histories.map(({ type, bytes, events }) => [type, bytes.toFixed(0), events.toFixed(1)]),
    ),
    listOf([`retention of this namespace: ${await readRetention(bench)}`, ...describeFile(lives)]),
    '## A sale',
    `${JOINS.toLocaleString('en')} who join, ${ORDERS.toLocaleString('en')} of whom pay for two seats.`,
    listOf(describeSale(rows, lives)),
  ]);
  console.log(text);
}

const JOINING = ['user', 'token that waits'];
const PAYING = [...JOINING, 'its admission', 'charge', 'another hold of them', 'its payment'];
const RUN_OUT = ['hold of two seats', 'its end without a payment'];
const LIFE = ['token, active', 'hold, live', 'payment, which closes all three'];

function rowsTable({ steps }: RowsMeasured): string {
  const lines = steps.map(({ name, used }) => [
    name,
    total(used).toFixed(0),
    keyBytes(used).toFixed(0),
    describeBytes(used),
  ]);
  return markdownTable(['', 'bytes', 'of these a key, for a day', 'by table'], lines);
}

function describeBytes(used: Bytes): string {
  const ordered = Object.entries(used).sort(([, one], [, other]) => other - one);
  return ordered.map(([name, bytes]) => `${name} ${bytes.toFixed(0)}`).join(', ');
}

/** Bytes that nobody deletes, of one who goes through these steps. */
function kept({ steps }: RowsMeasured, names: string[]): number {
  return sumOf(steps, names, ({ used }) => total(used) - keyBytes(used));
}

function sumOf<Named extends { name: string }>(all: Named[], names: string[], bytes: (one: Named) => number): number {
  return all.filter(({ name }) => names.includes(name)).reduce((sum, one) => sum + bytes(one), 0);
}

function describeShared(shared: Bytes): string {
  const grown = Object.entries(shared).map(([name, bytes]) => `${name} by ${megabytes(bytes)}`);
  return grown.length > 0 ? grown.join(', ') : 'as large as before';
}

function describeFile({ file: { full, emptied, refilled }, deleted }: LivesMeasured): string[] {
  return [
    `the file with all of them: ${megabytes(full.bytes)}, ${megabytes(full.freeBytes)} of it free; the log beside it ${megabytes(full.logBytes)}`,
    `with ${deleted} closed workflows deleted: ${megabytes(emptied.bytes)}, ${megabytes(emptied.freeBytes)} of it free`,
    `with the paid lives made again: ${megabytes(refilled.bytes)}, ${megabytes(refilled.freeBytes)} of it free`,
  ];
}

async function readRetention({ temporal }: Bench): Promise<string> {
  const { config } = await temporal.workflowService.describeNamespace({ namespace: temporal.options.namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return `${seconds / HOUR_SECONDS} hours`;
}

function describeSale(rows: RowsMeasured, lives: LivesMeasured): string[] {
  const stored = lives.stored.map(([name, bytes]) => ({ name, bytes }));
  const [joining, paying] = [kept(rows, JOINING), kept(rows, PAYING)];
  const forGood = JOINS * joining + ORDERS * (paying - joining);
  const keys = ORDERS * sumOf(rows.steps, PAYING, ({ used }) => keyBytes(used));
  const life = sumOf(stored, LIFE, ({ bytes }) => bytes);
  const minute = sumOf(stored, ['a minute without a fan'], ({ bytes }) => bytes);
  return [
    `rows that are kept: ${megabytes(forGood)}; ${megabytes(keys)} of keys for a day`,
    `Temporal until retention: ${(life / 1_000).toFixed(1)} kB for each who pays, ${megabytes(ORDERS * life)} for all of them; ${megabytes(DAY_MINUTES * minute)} a day for the sweeps`,
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function listOf(lines: string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
