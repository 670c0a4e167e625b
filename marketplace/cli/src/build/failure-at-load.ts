/**
 * Loaded before tests. The logger of Fabric's libraries takes exceptions that nobody catches and lets the process go on: a test file
 * that fails before its first test is there would end well, with no test at all.
 */
process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  process.stderr.write(`${error.stack ?? String(error)}\n`);
});
