import { readFileSync } from 'node:fs';

test('the README lists every code of the corpus, and no other', () => {
  const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/'((?:CORPUS|POPULATION)_[A-Z_]+)'/g)].map(([, code]) => code);
  const documented = [...readme.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(0);
  expect(documented.toSorted()).toEqual(codes.toSorted());
});
