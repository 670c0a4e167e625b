// Tests run what ships: everything is compiled once (scripts/build.mjs), and jest runs the compiled tests untransformed.
// The chaincode shim would print every refusal that a test expects; jest evaluates CommonJS imports before any module of ours.
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'critical';

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>'],
  testMatch: ['**/dist/**/*.test.js'],
  // The tests of our own DApps are of Node's runner, as a stranger's are, and run in the sandbox: marketplace/cli/src/own-dapps.test.ts.
  testPathIgnorePatterns: ['/node_modules/', '/.medigraph/', '/marketplace/dapps/'],
  modulePathIgnorePatterns: ['/.medigraph/'],
  transform: {},
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
};
