import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../command-failure.js';
import { runBuild } from './bundle.js';
import { DAppFolder } from './dapp-folder.js';

/**
 * Compiles the tests of a DApp (`src/**\/*.test.ts`) and runs them with Node's own runner.
 * @throws {@link CommandFailure} `TESTS_MISSING`, `TESTS_FAILED`.
 */
export async function runTests(folder: string): Promise<void> {
  const { path: root } = new DAppFolder(folder);
  const found = await readdir(path.join(root, 'src'), { recursive: true }).catch(() => []);
  const tests = found.filter((file) => file.endsWith('.test.ts')).sort();
  if (tests.length === 0) throw new CommandFailure('TESTS_MISSING', `there is no src/*.test.ts in ${root}`);
  // Inside of the folder, so that what the tests import is found.
  const output = await mkdtemp(path.join(root, '.tests-'));
  try {
    await writeFile(path.join(output, 'package.json'), JSON.stringify({ type: 'module' }));
    await runBuild(root, {
      entryPoints: tests.map((file) => path.join('src', file)),
      outdir: output,
      outbase: 'src',
      format: 'esm',
      packages: 'external',
      sourcemap: 'inline',
    });
    const files = tests.map((file) => path.join(output, file.replace(/\.ts$/, '.js')));
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--no-warnings', '--test', '--test-reporter=spec', ...files],
      {
        cwd: root,
        stdio: 'inherit',
      },
    );
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new CommandFailure('TESTS_FAILED', 'tests failed');
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
