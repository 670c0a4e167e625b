import { readFileSync } from 'node:fs';
import path from 'node:path';
import { routerErrorCodes } from './error-codes.js';

const root = path.resolve(import.meta.dirname, '../..');

test('docs/router-errors.md lists every code with its meaning, and no other', () => {
  const docs = readFileSync(path.join(root, 'docs/router-errors.md'), 'utf8');
  const documented = [...docs.matchAll(/^\| `([A-Z_]+)` *\| (.*?) *\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(documented)).toEqual(routerErrorCodes);
});

test('the codes are those of the error classes', () => {
  const source = readFileSync(path.join(root, 'router/src/errors.ts'), 'utf8');
  const used = [...source.matchAll(/'([A-Z]+(?:_[A-Z]+)+|UNAUTHENTICATED|FORBIDDEN)'/g)].map(
    ([, code]) => code,
  );
  expect(new Set(used)).toEqual(new Set(Object.keys(routerErrorCodes)));
});
