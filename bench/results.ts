import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Circumstances } from './circumstances';

const RESULTS = path.join(__dirname, 'results');

/** A Markdown table. */
export function markdownTable(headings: string[], rows: string[][]): string {
  return [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Writes `results/<name>.md`: what was measured, by which command, under which circumstances. Returns its text. */
export function writePage(
  { name, title, command }: { name: string; title: string; command: string },
  circumstances: Circumstances,
  paragraphs: string[],
): string {
  const facts = Object.entries(circumstances).map(([fact, value]) => `- ${fact}: ${value}`);
  const head = [`# ${title}`, `Written by \`${command}\`; do not edit. How it measures: [README](../README.md).`];
  const text = `${[...head, facts.join('\n'), ...paragraphs].join('\n\n')}\n`;
  writeResult(`${name}.md`, text);
  return text;
}

export function writeResult(file: string, text: string): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(path.join(RESULTS, file), text);
}
