import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { benches } from './benches.js';
import { chosen, main, usage } from './main.js';

const names = Object.keys(benches);

test('the help names every bench, and no other', () => {
  const listed = [...usage().matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
  expect(listed).toEqual([...names, 'all']);
});

test('every bench that the README names exists', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const commands = [...readme.matchAll(/npm run bench -- ([a-z]+)/g)].map(([, name]) => name ?? '');
  for (const name of commands) expect([...names, 'all']).toContain(name);
});

test('all means every bench', () => {
  expect(chosen('all')).toEqual(names);
});

test.each([[['speed']], [[]], [['ledger', 'router']], [['--fast']]])('%j is refused', async (args) => {
  expect(await main(args)).toBe(1);
});
