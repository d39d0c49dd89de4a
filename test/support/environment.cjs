const { TestEnvironment } = require('jest-environment-node');

/** Node can require ES modules and Jest cannot: tests reach those (jose, scripts/parts/*.mjs) by Node's own `require`. */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.nodeRequire = require;
  }
};
