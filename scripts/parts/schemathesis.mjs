import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, findProgram, root } from './places.mjs';
import { run } from './processes.mjs';

const VERSION = '4.32.5';
/** The largest single charge: no price of the demo data is too high for it. */
const CHARGE = 1_000_000_000;
const ANOTHER_WAY = 'set FRONTROW_SCHEMATHESIS to the path of an `st` program (Schemathesis 4)';

/** The `st` program: that of `FRONTROW_SCHEMATHESIS`, or one installed from PyPI once, into a venv in the cache. */
export async function findSchemathesis({ log, signal, env = process.env }) {
  if (env.FRONTROW_SCHEMATHESIS) {
    if (existsSync(env.FRONTROW_SCHEMATHESIS)) return env.FRONTROW_SCHEMATHESIS;
    throw new Error(`FRONTROW_SCHEMATHESIS names ${env.FRONTROW_SCHEMATHESIS}, where there is no file`);
  }
  const venv = path.join(cacheDir(env), `schemathesis-${VERSION}`);
  const program = path.join(venv, 'bin/st');
  if (existsSync(program)) return program;
  const python = findProgram(['python3'], [], env);
  if (!python) throw new Error(`No Schemathesis: install Python 3.10 or newer as \`python3\`, or ${ANOTHER_WAY}`);
  log('fuzz', `installing Schemathesis ${VERSION} into ${venv} (once)`);
  try {
    await run(python, ['-m', 'venv', '--clear', venv], { env, signal });
    await run(path.join(venv, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { env, signal });
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    signal.throwIfAborted();
    const reason = error.message.split('\n').at(-1).trim();
    throw new Error(
      `Schemathesis could not be installed (${reason}): it needs Python 3.10 with venv (Debian: python3-venv) and PyPI, or ${ANOTHER_WAY}`,
    );
  }
  return program;
}

/**
 * Runs Schemathesis with the credentials of a new user of this role, for `seconds` at the most; gives whether all is
 * well. What is checked is in fuzz.toml. A run in which an operation never succeeded has not checked it, and fails, too.
 */
export async function fuzz(program, { url, role, dataDir, seconds, maxExamples, seed, log, signal }) {
  const { accessToken } = await post(url, '/dev/sessions', { role });
  const admin = await post(url, '/dev/sessions', { role: 'admin' });
  await post(
    url,
    '/asset/charges',
    { amount: CHARGE },
    { authorization: `Bearer ${accessToken}`, 'idempotency-key': 'fuzz' },
  );
  const replies = path.join(dataDir, `replies-${role}.json`);
  const limits = { '--max-time': seconds, '--seed': seed, '--max-examples': maxExamples ?? [] };
  // From a file: an operation that serves the document itself would be left out.
  const file = path.join(dataDir, 'openapi.json');
  const document = withoutStreams(await (await fetch(`${url}/openapi.json`)).json());
  writeFileSync(file, JSON.stringify(document));
  const args = ['--config-file', path.join(root, 'scripts/fuzz.toml'), 'run', file, '--url', url];
  for (const [flag, value] of Object.entries(limits)) [value].flat().forEach((text) => args.push(flag, String(text)));
  const env = {
    ...process.env,
    SCHEMATHESIS_HOOKS: path.join(root, 'scripts/parts/schemathesis_hooks.py'),
    PYTHONDONTWRITEBYTECODE: '1',
    FRONTROW_URL: url,
    FRONTROW_ACCESS_TOKEN: accessToken,
    FRONTROW_ADMIN_TOKEN: admin.accessToken,
    FRONTROW_REPLIES: replies,
  };
  log('fuzz', `as ${role}`);
  let passed = true;
  await run(program, args, { cwd: dataDir, env, signal, show: true }).catch(() => (passed = false));
  signal.throwIfAborted();
  const faults = existsSync(replies) ? judge(document, role, JSON.parse(readFileSync(replies, 'utf8')), log) : [];
  for (const fault of faults) log('fuzz', `FAILED as ${role}: ${fault}`);
  return passed && faults.length === 0;
}

/** A stream has no end, and Schemathesis would wait for it. Streams make the same checks as the calls they belong to. */
function withoutStreams({ paths, ...rest }) {
  const ends = ([, { responses }]) => !responses['200']?.content?.['text/event-stream'];
  const kept = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).filter(ends)),
  ]);
  return { ...rest, paths: Object.fromEntries(kept.filter(([, methods]) => Object.keys(methods).length > 0)) };
}

/** Says what each operation answered how often; gives what is wrong with it. */
function judge({ paths }, role, replies, log) {
  const faults = [];
  for (const { operationId, tags } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const counts = Object.entries(replies).filter(([reply]) => reply.startsWith(`${operationId} `));
    const succeeded = counts.some(([reply]) => /[23]..$/.test(reply));
    const forbidden = role !== 'admin' && tags.includes('Administration');
    log(
      'fuzz',
      `  ${operationId.padEnd(20)}${counts
        .map(([reply, n]) => `${n} × ${reply.slice(-3)}`)
        .sort()
        .join(', ')}`,
    );
    if (forbidden && succeeded) faults.push(`${operationId} is for admins only`);
    if (!forbidden && !succeeded)
      faults.push(`${operationId} never succeeded, so it was hardly checked: try more minutes`);
  }
  return faults;
}

async function post(url, call, body, headers = {}) {
  const reply = await fetch(`${url}/api/v1${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`POST ${call} answered ${reply.status}`);
  return reply.json();
}
