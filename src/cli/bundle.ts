import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Bundles the workflows once, at build time, so that a worker starts in a second. */
async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '../workflows/index.js'),
    workflowInterceptorModules: [path.join(__dirname, '../workflows/trace.js')],
    logger: undefined as never,
  });
  writeFileSync(path.join(__dirname, '../workflow-bundle.js'), code);
}

void main();
