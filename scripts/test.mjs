// The whole check: build, lint and import direction, types, format, then every jest test. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function run(command, args, env = {}) {
  return (
    spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
  );
}
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

const checks = [
  ['build', () => run(process.execPath, ['scripts/build.mjs'])],
  ['types', () => run(bin('tsc'), ['--noEmit'])],
  ['lint and import direction', () => run(bin('eslint'), ['.', '--max-warnings', '0'])],
  ['format', () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.'])],
];

function jest() {
  const folder = mkdtempSync(path.join(tmpdir(), 'medigraph-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const args = [
      '--experimental-vm-modules',
      '--no-warnings',
      bin('jest'),
      '--json',
      '--outputFile',
      report,
      ...process.argv.slice(2),
    ];
    const ok = run(process.execPath, args, { NODE_ENV: 'test' });
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A suite that does not even load has no failed test of its own, and still failed.
    return {
      passed: numPassedTests,
      failed: ok ? numFailedTests : Math.max(numFailedTests, numFailedTestSuites, 1),
      skipped: numPendingTests,
    };
  } catch (error) {
    console.error(`jest left no report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

ensureInstalled();
const failures = checks.filter(([name, check]) => {
  console.log(`\n▸ ${name}`);
  return !check();
});
console.log('\n▸ tests');
const counts = jest();
for (const [name] of failures) console.error(`failed: ${name}`);
const passed = counts.passed + checks.length - failures.length;
const failed = counts.failed + failures.length;
console.log(`\n${passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
