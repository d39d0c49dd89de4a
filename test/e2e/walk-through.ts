/** A command of a README that promises something: its output must contain every one of these texts. */
export interface Promised {
  command: string;
  texts: string[];
}

export interface WalkThrough {
  /** All blocks as one script for bash, which marks where the output of each promised command begins and ends. */
  script: string;
  promised: Promised[];
}

const PROMISE = /\s+#=> (.+)$/;
const begin = (index: number) => `@@begin ${index}@@`;
const end = (index: number) => `@@end ${index}@@`;

/** The text of a section: from its heading to the next one of the same or a higher level. */
export function sectionOf(markdown: string, heading: string): string {
  const level = heading.indexOf(' ');
  const lines = markdown.split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`there is no section ${heading}`);
  let fenced = false;
  const to = lines.findIndex((line, index) => {
    if (line.startsWith('```')) fenced = !fenced;
    return index > from && !fenced && new RegExp(`^#{1,${level}} `).test(line);
  });
  return lines.slice(from + 1, to < 0 ? undefined : to).join('\n');
}

/** The fenced blocks of a language. */
export function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, block]) => block as string,
  );
}

/** Makes one script of shell blocks. A comment `#=> text` after a command is a promise about its output. */
export function readWalkThrough(blocks: string[]): WalkThrough {
  const lines = ['set -euo pipefail'];
  const promised: Promised[] = [];
  for (const line of blocks.flatMap((block) => block.split('\n'))) {
    const text = PROMISE.exec(line)?.[1]?.trim();
    if (text === undefined) {
      lines.push(line);
      continue;
    }
    const index = promised.length;
    const command = [...takeContinued(lines), line.replace(PROMISE, '')];
    promised.push({ command: command.join('\n'), texts: [text] });
    lines.push(`echo '${begin(index)}'`, ...command, `echo; echo '${end(index)}'`);
  }
  return { script: lines.join('\n'), promised };
}

/** Takes back the lines that the command on the next one begins with. */
function takeContinued(lines: string[]): string[] {
  const taken: string[] = [];
  while (lines.at(-1)?.endsWith('\\')) taken.unshift(lines.pop() as string);
  return taken;
}

/** The promises that a run of the script did not keep, each with what came instead. */
export function brokenPromises({ promised }: WalkThrough, output: string): string[] {
  return promised.flatMap(({ command, texts }, index) => {
    const [, after] = output.split(begin(index));
    const [own] = (after ?? '').split(end(index));
    return texts
      .filter((text) => !own?.includes(text))
      .map((text) => `${command}\n  promises ${text}\n  and gave ${own?.trim()}`);
  });
}
