const { writeFileSync } = require('node:fs');
const path = require('node:path');

/** With `node --require`: what a process has loaded, written to a folder when it ends. */
process.on('exit', () => {
  const file = path.join(process.env.LOADED_DIR, `loaded-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(Object.keys(require.cache)));
});
