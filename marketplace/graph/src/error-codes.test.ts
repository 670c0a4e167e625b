import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dappGraphErrorCodes } from './index.js';

test('the reference lists every code with its meaning, and every code has a class', () => {
  const page = readFileSync(new URL('../../../docs/reference/dapp-graph.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(DAPP_[A-Z_]+)` *\| (.*?) *\|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(documented)).toEqual(dappGraphErrorCodes);
  const classes = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
  expect(Object.keys(dappGraphErrorCodes).filter((code) => !classes.includes(`'${code}'`))).toEqual([]);
});
