// `npm start`: install what is missing, compile what has changed, then hand over to the medigraph command.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const { main } = await import(path.join(root, 'launcher/dist/index.js'));
await main(process.argv.slice(2));
