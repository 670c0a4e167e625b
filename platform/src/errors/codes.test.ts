import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractErrorCodes } from '@medigraph/schema';
import { contractErrors, platformErrorCodes } from './index.js';

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../src');
const docs = readFileSync(path.resolve(source, '../../docs/errors.md'), 'utf8');

/** Rows of the tables in docs/errors.md: code to meaning. */
const documented = new Map(
  [...docs.matchAll(/^\| `([A-Z_]+)` *\| (.*?) *\|$/gm)].map(([, code = '', meaning = '']) => [
    code,
    meaning,
  ]),
);

/** Folders of the platform whose errors have their table elsewhere. */
const elsewhere: readonly string[] = ['graph'];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return elsewhere.includes(entry.name) ? [] : sources(file);
    return file.endsWith('.ts') && !file.endsWith('.test.ts') ? [readFileSync(file, 'utf8')] : [];
  });
}

test('docs/errors.md lists every code with its meaning, and no other', () => {
  expect(Object.fromEntries(documented)).toEqual({ ...platformErrorCodes, ...contractErrors });
});

test('every contract code has a meaning', () => {
  expect(Object.keys(contractErrors).sort()).toEqual([...contractErrorCodes].sort());
});

test('every code of the platform belongs to an error class', () => {
  const classes = sources(source).filter((text) => /class \w+ extends \w*Error\b/.test(text));
  const used = (code: string): boolean => classes.some((text) => text.includes(`'${code}'`));
  expect(Object.keys(platformErrorCodes).filter((code) => !used(code))).toEqual([]);
});
