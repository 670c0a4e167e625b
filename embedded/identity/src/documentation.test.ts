import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { accountRefusalCodes } from './accounts/refusals.js';

const page = fileURLToPath(new URL('../../../docs/identity-errors.md', import.meta.url));

test('docs/identity-errors.md lists every code with its meaning, and no other', async () => {
  const rows = [...(await readFile(page, 'utf8')).matchAll(/^\| `([A-Z_]+)`\s*\| (.+?)\s*\|$/gm)];
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(accountRefusalCodes);
});
