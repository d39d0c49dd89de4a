const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { getHeapStatistics } = require('node:v8');
const { isMainThread, resourceLimits, threadId } = require('node:worker_threads');

const MB = 2 ** 20;

/** With `node --require`: how many MB each thread that a process makes may take for young objects, written to a folder. */
if (!isMainThread) {
  // V8 tells the sum only; of the other part, what the thread was made with.
  const youngMb = getHeapStatistics().heap_size_limit / MB - resourceLimits.maxOldGenerationSizeMb;
  writeFileSync(path.join(process.env.HEAPS_DIR, `${process.pid}-${threadId}.json`), JSON.stringify(youngMb));
}
