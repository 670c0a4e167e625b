import { hostModules } from '@medigraph/dapp-review';
import { contractsModule } from '@medigraph/dapp-sandbox/tests';
import { type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runBuild } from './bundle.js';
import { sourceEntry } from './dapp-folder.js';
import { testFiles } from './run-tests.js';

/** What tests get from the host beside what contracts do. */
const testModules = ['node:test', 'node:assert', 'node:assert/strict', '@medigraph/dapp/testing'];
const forNodesRunner = /from ['"]node:test['"]/;

/** Tests of contracts that are of Node's own runner, relative to a DApp's folder, in order. Those of another are its author's affair. */
export async function testSources(folder: string): Promise<string[]> {
  const { unit } = await testFiles(folder);
  const tests = unit.map((file) => path.posix.join('src', file));
  const texts = await Promise.all(tests.map((file) => readFile(path.join(folder, file), 'utf8')));
  return tests.filter((_, index) => forNodesRunner.test(texts[index] ?? '')).sort();
}

/** Has tests get the contracts from the bundle that is in the package beside them, not from their sources. */
const packedContracts = (folder: string): Plugin => ({
  name: 'packed-contracts',
  setup(build) {
    const entry = path.join(folder, sourceEntry);
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path: wanted, resolveDir }) => {
      const file = path.resolve(resolveDir, wanted);
      const isEntry = [
        file,
        file.replace(/\.js$/, '.ts'),
        `${file}.ts`,
        path.join(file, 'index.ts'),
      ].includes(entry);
      return isEntry ? { path: contractsModule, external: true } : undefined;
    });
  },
});

/**
 * Bundles the tests of a DApp into one CommonJS file, which a review runs in the sandbox. The same sources make the same bytes.
 * @returns undefined where there are none.
 */
export async function bundleTests(
  folder: string,
): Promise<{ readonly content: Uint8Array; readonly sources: readonly string[] } | undefined> {
  const tests = await testSources(folder);
  if (tests.length === 0) return undefined;
  const { outputFiles, metafile } = await runBuild(folder, {
    stdin: {
      contents: tests.map((file) => `import ${JSON.stringify(`./${file}`)};\n`).join(''),
      resolveDir: folder,
      sourcefile: 'tests',
    },
    format: 'cjs',
    external: [...hostModules, ...testModules],
    keepNames: true,
    write: false,
    metafile: true,
    plugins: [packedContracts(folder)],
  });
  const sources = Object.keys(metafile?.inputs ?? {}).filter((name) => name !== 'tests');
  return { content: outputFiles?.[0]?.contents ?? new Uint8Array(), sources };
}
