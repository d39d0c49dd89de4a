import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Circumstances } from './circumstances';
import { markdownTable, writePage, writeResult } from './results';

/** One line of the result. */
export interface Row {
  key: string;
  scenario: string;
  perSecond: number | null;
  /** Against bare Express, or against its own floor. */
  ratio: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
  /** What is asked for, and whether it was reached; `null` where the number is for information. */
  goal: string | null;
  met: boolean | null;
  /** What else there is to know. */
  note: string;
  /** The numbers behind, for whoever wants to look closer. */
  details: Record<string, unknown>;
}

const HEADINGS = ['scenario', 'req/s', 'ratio', 'p50 ms', 'p99 ms', 'goal', '', 'note'];

/** The rows as text, in the order of `HEADINGS`. */
function toCells(row: Row): string[] {
  const verdict = row.met === null ? '' : row.met ? 'pass' : 'below goal';
  const number = (value: number | null, digits: number) => (value === null ? '' : value.toFixed(digits));
  const perSecond = row.perSecond === null ? '' : row.perSecond.toFixed(row.perSecond < 100 ? 1 : 0);
  const times = [number(row.p50Ms, 1), number(row.p99Ms, 1)];
  return [row.scenario, perSecond, number(row.ratio, 3), ...times, row.goal ?? '', verdict, row.note];
}

/** A table for the console. */
export function toTable(rows: Row[]): string {
  const lines = [HEADINGS, ...rows.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] as string).length)));
  const isNumber = (column: number) => column >= 1 && column <= 4;
  const pad = (cell: string, column: number) => {
    const width = widths[column] as number;
    return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
  };
  return lines.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n');
}

/** Writes `results/latest.json` and `results/latest.md`. */
export async function writeResults(rows: Row[], circumstances: Circumstances): Promise<void> {
  const file = path.join(__dirname, 'results/latest.json');
  const json = await format(JSON.stringify({ circumstances, rows }), {
    ...(await resolveConfig(file)),
    filepath: file,
  });
  writeResult('latest.json', json);
  writePage({ name: 'latest', title: 'Bench results', command: 'npm run bench' }, circumstances, [
    markdownTable(HEADINGS, rows.map(toCells)),
  ]);
}
