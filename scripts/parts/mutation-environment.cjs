const path = require('node:path');

/** The first test that fails says enough: the rest of its file is skipped, which Jest's own `bail` does not do. */
module.exports = class extends require(path.resolve('test/support/environment.cjs')) {
  handleTestEvent({ name, test }) {
    if (name === 'test_done') this.failed ||= test.errors.length > 0;
    if (name === 'test_start' && this.failed) test.mode = 'skip';
  }
};
