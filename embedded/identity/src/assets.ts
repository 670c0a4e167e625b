import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Route } from './http/routes.js';
import { passkeyLibrary, passkeyScript, stylesheet } from './pages/layout.js';

const own = (name: string): string => fileURLToPath(new URL(`../assets/${name}`, import.meta.url));

/** The browser part of the passkey library, as one file. */
function library(): string {
  const main = createRequire(import.meta.url).resolve('@simplewebauthn/browser');
  const folder = main.slice(0, main.lastIndexOf(path.join('@simplewebauthn', 'browser')));
  return path.join(folder, '@simplewebauthn/browser/dist/bundle/index.umd.min.js');
}

const files: readonly (readonly [address: string, file: () => string, type: string])[] = [
  [stylesheet, () => own('pages.css'), 'text/css; charset=utf-8'],
  [passkeyScript, () => own('passkeys.js'), 'text/javascript; charset=utf-8'],
  [passkeyLibrary, library, 'text/javascript; charset=utf-8'],
];

/** What pages load: style and scripts, each a file. */
export const assetRoutes: readonly Route[] = files.map(([address, file, type]) => ({
  method: 'GET',
  path: address,
  handle: async ({ response }) => {
    const content = await readFile(file());
    response.writeHead(200, {
      'content-type': type,
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    });
    response.end(content);
  },
}));
