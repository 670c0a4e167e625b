// Installs what is missing, so that one command is enough on a fresh checkout. Uses only Node itself.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldest = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  console.error(
    `Medigraph needs Node ${oldest.join('.')} or newer; this is ${process.version}. Install a newer Node and try again.`,
  );
  process.exit(1);
}

const packagesOf = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;

/** Whether node_modules holds what package-lock.json says, by the record that npm keeps in it. */
function isInstalled() {
  let installed;
  try {
    installed = packagesOf('node_modules/.package-lock.json');
  } catch {
    return false;
  }
  return Object.entries(packagesOf('package-lock.json')).every(
    ([where, { version, optional, link }]) =>
      !where.includes('node_modules/') ||
      optional === true ||
      (link === true ? where in installed : installed[where]?.version === version),
  );
}

/** Runs `npm ci` unless everything is installed. */
export function ensureInstalled() {
  requireNode();
  if (isInstalled()) return;
  console.error('Installing dependencies (once) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status === 0) return;
  console.error('npm ci failed; see above. Check the connection to the npm registry and try again.');
  process.exit(1);
}
