/** Strips types and turns ESM syntax into CommonJS; type errors are tsc's business. */
const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.(ts|js)$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  moduleNameMapper: { '^jose$': '<rootDir>/test/support/jose.cjs' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.frontrow'],
  // A worker's start, a workflow bundle and a busy two-core machine together stay far below this.
  testTimeout: 60_000,
  maxWorkers: 2,
};
