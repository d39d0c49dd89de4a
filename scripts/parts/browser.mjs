import { execFileSync } from 'node:child_process';
import { findProgram } from './places.mjs';
import { run } from './processes.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const DIRS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/Applications/Google Chrome.app/Contents/MacOS'];
const DOWNLOAD_LIMIT_MS = 600_000;

/** What to do where none can be had; also the reason that the browser tests give. */
export const NO_BROWSER =
  'no browser for the tests of the pages: install Chromium or Chrome, or set BROWSER_PROGRAM to where one is';

/**
 * The program of a Chromium: that of `BROWSER_PROGRAM`, one that is installed, or Debian's, installed as root. Without
 * any it says what to do and gives undefined: only the tests of the pages need one.
 */
export async function findBrowser({ env = process.env, log, signal }) {
  const say = (text) => log('browser', text);
  const present = env.BROWSER_PROGRAM || findProgram(PROGRAMS, DIRS, env);
  if (env.SCREENSHOTS && !hasKoreanFont(env)) await installDebian('fonts-nanum', { env, say, signal });
  if (present) return present;
  await installDebian('chromium', { env, say, signal });
  return findProgram(PROGRAMS, DIRS, env) ?? say(NO_BROWSER);
}

/** Without one the pages can be tested, but pictures of the Korean ones show boxes. */
function hasKoreanFont(env) {
  const fontList = findProgram(['fc-list'], [], env);
  if (!fontList) return false;
  try {
    return execFileSync(fontList, [':lang=ko', 'family'], { encoding: 'utf8' }).trim() !== '';
  } catch {
    return false;
  }
}

/** As root of a Debian; says why where it cannot be done, because not everything needs it. */
async function installDebian(name, { env, say, signal }) {
  const aptGet = findProgram(['apt-get'], [], env);
  if (!aptGet || process.getuid() !== 0) return;
  say(`installing ${name} with apt-get`);
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, timeoutMs: DOWNLOAD_LIMIT_MS };
  try {
    await run(aptGet, ['update', '-qq'], options);
    await run(aptGet, ['install', '-y', '-qq', '--no-install-recommends', '--no-remove', name], options);
  } catch (error) {
    signal?.throwIfAborted();
    say(`apt-get install ${name} did not work (${error.message})`);
  }
}
