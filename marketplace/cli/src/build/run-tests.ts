import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../command-failure.js';
import { runBuild } from './bundle.js';
import { DAppFolder } from './dapp-folder.js';

/** What kind of tests a file has: of contracts alone, or of the DApp on a network that runs it. */
export type TestKind = 'unit' | 'integration';

const integrationEnd = '.integration.test.ts';
export const isIntegrationTest = (file: string): boolean => file.endsWith(integrationEnd);

/** Files of the tests of a DApp below `src`, in order. */
export async function testFiles(folder: string): Promise<Readonly<Record<TestKind, readonly string[]>>> {
  const found = await readdir(path.join(folder, 'src'), { recursive: true }).catch(() => []);
  const tests = found.filter((file) => file.endsWith('.test.ts')).sort();
  return {
    unit: tests.filter((file) => !isIntegrationTest(file)),
    integration: tests.filter(isIntegrationTest),
  };
}

/** @see runTests */
export interface TestRun {
  /** Of the DApp. */
  readonly folder: string;
  /** Below `src`; none means that there is nothing to do. */
  readonly files: readonly string[];
  /** Beside that of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends them; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Compiles tests of a DApp and runs them with Node's own runner.
 * @throws {@link CommandFailure} `TESTS_FAILED`.
 */
export async function runTests({ folder, files: tests, environment = {}, signal }: TestRun): Promise<void> {
  if (tests.length === 0) return;
  const { path: root } = new DAppFolder(folder);
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
      [
        '--enable-source-maps',
        '--no-warnings',
        `--import=${new URL('./failure-at-load.js', import.meta.url).href}`,
        '--test',
        '--test-reporter=spec',
        '--test-concurrency=1',
        ...files,
      ],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, ...environment },
        ...(signal && { signal }),
      },
    );
    const [code] = await (once(child, 'close') as Promise<[number | null]>).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
    if (code !== 0) throw new CommandFailure('TESTS_FAILED', 'tests failed');
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
