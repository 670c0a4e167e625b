import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphErrorCodes } from './error-codes.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const source = path.join(root, 'platform/src/graph');

test('docs/graph-errors.md lists every code with its meaning, and no other', () => {
  const docs = readFileSync(path.join(root, 'docs/graph-errors.md'), 'utf8');
  const documented = [...docs.matchAll(/^\| `([A-Z_]+)` *\| (.*?) *\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(documented)).toEqual(graphErrorCodes);
});

test('every code is used', () => {
  const text = readdirSync(source)
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.') && file !== 'error-codes.ts')
    .map((file) => readFileSync(path.join(source, file), 'utf8'))
    .join('\n');
  expect(Object.keys(graphErrorCodes).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
