import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, findProgram } from './places.mjs';
import { freePort } from './ports.mjs';
import { run } from './processes.mjs';
import { sdkDownload } from './sdk-download.mjs';

const VERSION = '1.38.0';
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>frontrow</groupId><artifactId>time-skipping</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>
`;

/**
 * The SDK gives a server five seconds to answer, on a busy machine too: so it compiles in one stage, collects on one
 * core, and reads its classes ready-made, which starts it in a quarter of the time (1.4 s to 0.35 s, 2026-11-23).
 */
const WRAPPER = `#!/bin/sh
here="$(dirname "$0")"
[ ! -f "$here/classes.jsa" ] || archive="-XX:SharedArchiveFile=$here/classes.jsa"
exec java $archive -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;
/** Long enough for the server to have loaded what it needs to start. */
const WARM_UP_MS = 5_000;

/**
 * Gives the path of a server on which a five-minute hold passes in a moment: that of `TIME_SKIPPING_SERVER`, the cache,
 * the SDK's download, or the Maven artifact behind a small script.
 */
export async function timeSkippingServer({ log, env = process.env, signal }) {
  const say = (text) => log('time', text);
  if (env.TIME_SKIPPING_SERVER) return env.TIME_SKIPPING_SERVER;
  const home = path.join(cacheDir(env), `time-skipping-${VERSION}`);
  const wrapper = path.join(home, 'server');
  if (existsSync(wrapper)) return wrapper;
  try {
    return await sdkDownload('timeSkipping', path.join(cacheDir(env), 'bin'), { say, env, signal });
  } catch (error) {
    signal?.throwIfAborted();
    say(`the download did not work, fetching it with Maven instead: ${error.message.split(': ').at(-1)}`);
  }
  if (!findProgram(['java'], [], env) || !findProgram(['mvn'], [], env)) {
    throw new Error(
      'No time-skipping Temporal server: install Java and Maven (java, mvn), or set TIME_SKIPPING_SERVER to its program',
    );
  }
  await fetchWithMaven(home, { env, signal });
  return wrapper;
}

async function fetchWithMaven(home, { env, signal }) {
  const fresh = `${home}.new`; // renamed when whole, so that an interrupted download is not taken for a server
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  writeFileSync(path.join(fresh, 'pom.xml'), POM);
  await run('mvn', ['--batch-mode', '--quiet', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], {
    cwd: fresh,
    env,
    signal,
  });
  const wrapper = path.join(fresh, 'server');
  writeFileSync(wrapper, WRAPPER);
  chmodSync(wrapper, 0o755);
  rmSync(home, { recursive: true, force: true });
  renameSync(fresh, home);

  // The classes in use when the server ends are archived. Where Java cannot do that, the start is slower and nothing else.
  const warmUp = { ...env, JAVA_TOOL_OPTIONS: `-XX:ArchiveClassesAtExit=${path.join(home, 'classes.jsa')}` };
  await run(path.join(home, 'server'), [String(await freePort())], {
    env: warmUp,
    signal,
    timeoutMs: WARM_UP_MS,
  }).catch(() => signal?.throwIfAborted());
}
