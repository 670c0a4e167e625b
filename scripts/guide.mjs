// `npm run guide -- NAME`: does what docs/guides/NAME.md says, as its test does, and tells how long it took.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z-]+$/.test(name)) {
  console.error('GUIDE_UNNAMED: name a guide of docs/guides that has a test, such as first-dapp');
  process.exit(2);
}
ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const jest = path.join(root, 'node_modules/.bin/jest');
const args = ['--experimental-vm-modules', '--no-warnings', jest, `test/dist/docs/${name}`];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
