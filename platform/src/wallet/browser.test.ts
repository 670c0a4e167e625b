import { build } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

test('the wallet is bundled for browsers with nothing of Node', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [path.join(here, 'index.js')],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // A module of Node's has no browser form: bundling fails if anything imports one.
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  expect(imports.filter(({ external }) => external)).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((file) => /fabric|google-protobuf|grpc/.test(file))).toEqual([]);
  const [bundle] = outputFiles;
  // What a page loads: 1 MB would be felt.
  expect(bundle?.contents.length).toBeLessThan(1_000_000);
});
