/**
 * Composes the supergraph. Asks every subgraph to print its schema, writes `schema/subgraphs/NAME.graphql` and
 * `schema/supergraph.graphql`; with `--check` writes nothing and fails if what is there is not what would be written.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compose } from './composition.js';
import { manifestJsonSchema } from './dapps/manifest.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const folder = path.join(root, 'schema');
const run = promisify(execFile);

/** Subgraph name to SDL, as the compiled subgraphs print it. */
export async function printSubgraphs(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(path.join(root, 'subgraphs'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const printed = await Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const file = path.join(root, 'subgraphs', name, 'dist', 'print-schema.js');
      const { stdout } = await run(process.execPath, [file], { maxBuffer: 16 * 1024 * 1024 });
      return [name, stdout];
    }),
  );
  return new Map(printed);
}

/** Path below `schema/` to content, of everything that composition writes. */
export async function composedFiles(): Promise<ReadonlyMap<string, string>> {
  const subgraphs = await printSubgraphs();
  return new Map([
    ...[...subgraphs].map(([name, sdl]): [string, string] => [`subgraphs/${name}.graphql`, sdl]),
    ['supergraph.graphql', compose(subgraphs)],
    ['medigraph-dapp.schema.json', `${JSON.stringify(manifestJsonSchema(), undefined, 2)}\n`],
  ]);
}

/** Those files that are not on disk as composition would write them. */
export async function staleFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const checks = await Promise.all(
    [...files].map(async ([file, content]) => {
      const found = await readFile(path.join(folder, file), 'utf8').catch(() => undefined);
      return found === content ? [] : [file];
    }),
  );
  return checks.flat();
}

async function main(check: boolean): Promise<void> {
  const files = await composedFiles();
  const stale = await staleFiles(files);
  if (check) {
    for (const file of stale) console.error(`schema/${file} is stale: run npm run schema`);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  await mkdir(path.join(folder, 'subgraphs'), { recursive: true });
  await Promise.all([...files].map(([file, content]) => writeFile(path.join(folder, file), content)));
  console.log(stale.length === 0 ? 'schema: up to date' : `schema: wrote ${stale.join(', ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
