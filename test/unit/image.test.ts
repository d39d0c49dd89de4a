import { readFileSync } from 'node:fs';
import path from 'node:path';

const file = (name: string) => readFileSync(path.join(__dirname, '../..', name), 'utf8');

test('the image runs as a user that is not root, and in production mode unless told otherwise', () => {
  const lastStage = file('Dockerfile')
    .split(/^FROM /m)
    .at(-1) as string;
  expect([...lastStage.matchAll(/^USER (.*)$/gm)].map((match) => match[1])).toEqual(['1000']);
  // Whatever is copied before belongs to root: the process cannot change its own code.
  expect(lastStage).not.toMatch(/--chown/);
  expect(lastStage).toMatch(/^ENV NODE_ENV=production$/m);
  expect(lastStage).not.toMatch(/AUTH_MODE|TOKEN_SECRET|PASSWORD/);
});

test('in a cluster, every pod runs as a user that is not root, with no right to become it', () => {
  const pods = file('deploy/kubernetes/frontrow.yaml')
    .split(/^---$/m)
    .filter((part) => /^\s+containers:/m.test(part));
  expect(pods.length).toBeGreaterThanOrEqual(2);
  for (const pod of pods) {
    expect(pod).toMatch(/runAsNonRoot: true/);
    expect(pod).toMatch(
      /allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: \{ drop: \[ALL\] \}/,
    );
  }
});
