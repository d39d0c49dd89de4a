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
  if (present) return present;
  try {
    return (await debianPackage({ env, say, signal })) ?? say(NO_BROWSER);
  } catch (error) {
    signal?.throwIfAborted();
    return say(`apt-get install chromium did not work (${error.message}); ${NO_BROWSER}`);
  }
}

async function debianPackage({ env, say, signal }) {
  const aptGet = findProgram(['apt-get'], [], env);
  if (!aptGet || process.getuid() !== 0) return undefined;
  say('installing chromium with apt-get');
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, timeoutMs: DOWNLOAD_LIMIT_MS };
  await run(aptGet, ['update', '-qq'], options);
  await run(aptGet, ['install', '-y', '-qq', '--no-install-recommends', '--no-remove', 'chromium'], options);
  return findProgram(PROGRAMS, DIRS, env);
}
