import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { blocksOf, brokenPromises, readWalkThrough, sectionOf } from './walk-through';
import { eventually, root, startTestSystem, type TestSystem } from '../support/system';

/** Long enough to pay by hand (and by curl), short enough to see a hold expire. */
const HOLD_SECONDS = 8;
const API_URL = 'http://localhost:3000';

const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const walkThrough = sectionOf(readme, '## Walk-through');

const bash = (script: string, env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)('bash', ['-c', script], { env, cwd: root });

describe('the walk-through', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startTestSystem('readme', { env: { HOLD_SECONDS: String(HOLD_SECONDS) } });
  });
  afterAll(() => system.stop());

  test('does, in one shell from the first command to the last, what it says', async () => {
    const blocks = blocksOf(walkThrough, 'sh').map((block) => block.replaceAll(API_URL, system.url));
    expect(blocks.join('\n')).toContain(system.url);
    const walk = readWalkThrough(blocks);
    expect(walk.promised.length).toBeGreaterThan(10);
    const { stdout } = await bash(walk.script);
    expect(brokenPromises(walk, stdout)).toEqual([]);
  });

  test('names queries for the Web UI that find what was booked', async () => {
    const queries = [...walkThrough.matchAll(/`((?:UserId|ScheduleId|ReservationStatus|PaymentOutcome) = [^`]+)`/g)];
    expect(queries.length).toBeGreaterThan(2);
    for (const [, query] of queries as unknown as [string, string][]) {
      await eventually(
        query,
        async () =>
          (
            await system.client.workflowService.countWorkflowExecutions({
              namespace: system.env.TEMPORAL_NAMESPACE!,
              query,
            })
          ).count?.toNumber() ?? 0,
        (count) => count > 0,
      );
    }
    const [, id] = /`(reservation-\d+)`/.exec(walkThrough) as unknown as [string, string];
    const summary = /summary\s+reads\s+`([^`]+)`/.exec(walkThrough)?.[1];
    expect(await (await system.client.workflow.getHandle(id).describe()).staticSummary()).toBe(summary);
  });
});

describe('control: a walk-through', () => {
  const run = async (block: string) => {
    const walk = readWalkThrough([block]);
    const { stdout } = await bash(walk.script);
    return brokenPromises(walk, stdout);
  };

  test('that keeps its promises, on one line or several, is fine', async () => {
    expect(
      await run('name=world\necho "hello $name"   #=> hello world\necho one \\\n  two          #=> one two'),
    ).toEqual([]);
  });

  test('whose output is another one is found out', async () => {
    expect(await run('echo before\necho "hello"  #=> before')).toEqual([
      'echo "hello"\n  promises before\n  and gave hello',
    ]);
  });

  test('with a command that fails is found out', async () => {
    await expect(run('false\necho done  #=> done')).rejects.toMatchObject({ code: 1 });
    await expect(run('echo "$undefined_name"')).rejects.toMatchObject({ code: 1 });
    await expect(run('false | cat')).rejects.toMatchObject({ code: 1 });
  });
});

const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

test.each(documents)('every npm command that %s names is there', (document) => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const text = readFileSync(path.join(root, document), 'utf8');
  const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    ([, script, short]) => script ?? short,
  );
  expect(named.filter((name) => !scripts[name as string])).toEqual([]);
  for (const name of named) {
    const file = /node (scripts\/\S+)/.exec(scripts[name as string]!)?.[1];
    if (file) expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
  }
});

test.each(documents)('every file that %s links to is there', (document) => {
  const text = readFileSync(path.join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link as string);
  expect(links.filter((link) => !existsSync(path.join(root, path.dirname(document), link)))).toEqual([]);
});

test('every folder in the table of the README is there, and no folder of src is missing from it', () => {
  const folders = [...readme.matchAll(/^\| `([\w./-]+)` \|/gm)]
    .map(([, folder]) => folder as string)
    .filter((name) => name === name.toLowerCase());
  expect(folders.length).toBeGreaterThan(5);
  expect(folders.filter((folder) => !existsSync(path.join(root, folder)))).toEqual([]);
  const source = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const missing = source.map(({ name }) => `src/${name}`).filter((name) => !readme.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});

test('every setting in the table of the README is read, and every setting that is read is in it', () => {
  const table = sectionOf(readme, '## Settings');
  const named = new Set([...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name as string));
  const config = readFileSync(path.join(root, 'src/config.ts'), 'utf8');
  const read = [...config.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name as string);
  /** Read by the scripts, and conventional names that everybody knows. */
  const elsewhere = new Set(['FRONTROW_DATA', 'NODE_ENV', 'TEMPORAL_UI_URL']);
  expect(read.filter((name) => !named.has(name) && !elsewhere.has(name))).toEqual([]);
  const heads = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) => [
    ...(cell as string).matchAll(/`([A-Z_]+)`/g),
  ]);
  expect(
    heads.map(([, name]) => name as string).filter((name) => !read.includes(name) && !elsewhere.has(name)),
  ).toEqual([]);
});
