// `npm start` and the like: install what is missing, compile what has changed, then hand over to the command.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
ensureInstalled();
const { build } = await import('./build.mjs');
await build();

/** Commands that are no part of the platform: each in a workspace of its own, which the launcher does not know. */
const others = { bench: 'bench/dist/main.js', corpus: 'corpus/dist/main.js' };
const [command, ...rest] = process.argv.slice(2);
if (Object.hasOwn(others, command ?? '')) {
  const { main } = await import(path.join(root, others[command]));
  process.exit(await main(rest));
}
const { main } = await import(path.join(root, 'launcher/dist/program.js'));
await main(process.argv.slice(2));
