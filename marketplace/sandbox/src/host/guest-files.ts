import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** What starts in a guest. */
export const guestEntry = fileURLToPath(new URL('../guest/main.js', import.meta.url));

/** What starts in a process that runs a package's own tests, or repeats what they did. */
export const checksEntry = fileURLToPath(new URL('../guest/checks.js', import.meta.url));
/** How such a process tells what becomes of tests. */
export const testReporter = new URL('../guest/test-reporter.js', import.meta.url).href;

/** Folder of an installed package. */
function packageFolder(entry: string): string {
  const marker = `${path.sep}dist${path.sep}`;
  return entry.slice(0, entry.lastIndexOf(marker));
}

/** Folder of modules that a module was found in. */
function modulesFolder(entry: string): string {
  const marker = `${path.sep}node_modules${path.sep}`;
  return entry.slice(0, entry.indexOf(marker) + marker.length - 1);
}

/** What of ours a guest is made of. */
const ownPackages = ['@medigraph/chaincode-lib/dispatcher', '@medigraph/dapp', '@medigraph/schema'];

/** The files that a guest may read, as Node's `--allow-fs-read` takes them: its own code, and libraries that anybody may read. */
export function readableFiles(): string[] {
  const own = ownPackages.map((name) => packageFolder(fileURLToPath(import.meta.resolve(name))));
  const libraries = modulesFolder(require.resolve('fabric-shim/lib/handler.js'));
  return [...new Set([packageFolder(guestEntry), ...own, libraries])].map((folder) => path.join(folder, '*'));
}
