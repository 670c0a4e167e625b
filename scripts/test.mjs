// The whole check: build; types, lint and import direction, format, at the same time; then every jest test. Ends with `N passed, N failed`.
import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
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

const build = () => run(process.execPath, ['scripts/build.mjs']);
const checks = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint and import direction', bin('eslint'), ['.', '--max-warnings', '0']],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
];

/** Runs a check beside others; what it says comes in one piece once it ends. */
function check([name, command, args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const end = (passed, why = '') => {
      console.log(`\n▸ ${name}`);
      process.stdout.write(Buffer.concat(said));
      if (why) console.error(why);
      resolve(passed ? [] : [name]);
    };
    child.once('error', (error) => end(false, error.message));
    child.once('close', (code) => end(code === 0));
  });
}

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
console.log('\n▸ build');
const failures = build() ? [] : ['build'];
failures.push(...(await Promise.all(checks.map(check))).flat());
console.log('\n▸ tests');
const counts = jest();
for (const name of failures) console.error(`failed: ${name}`);
const passed = counts.passed + checks.length + 1 - failures.length;
const failed = counts.failed + failures.length;
console.log(`\n${passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
