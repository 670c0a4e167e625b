// `npm run faults -- --rounds N --seed S`: plays rounds of faults on the whole embedded system (test/src/faults).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const { main } = await import(path.join(root, 'test/dist/faults/cli.js'));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`${error.code === undefined ? '' : `${error.code}: `}${error.message}`);
  process.exitCode = 1;
}
