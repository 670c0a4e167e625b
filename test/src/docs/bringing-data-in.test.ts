import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createProgram } from '@medigraph/launcher';
import { careTransactions } from '@medigraph/schema';

const guide = fileURLToPath(new URL('../../../docs/guides/bringing-data-in.md', import.meta.url));

describe('the guide to bringing data in', () => {
  let text: string;
  beforeAll(async () => {
    text = await readFile(guide, 'utf8');
  });

  test('has only commands that there are, with all that they need', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('medigraph '));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, name, ...args] = line.split(' ');
      const command = createProgram().commands.find((one) => one.name() === name);
      const { unknown, operands } = command?.parseOptions(args) ?? {};
      expect({ line, unknown, operands: operands?.length }).toEqual({ line, unknown: [], operands: 1 });
      expect(command?.opts()).toMatchObject({ as: 'hospital-a', patient: 'ADDRESS' });
    }
  });

  test('names only transactions that there are', () => {
    const named = [...text.matchAll(/`(Imports:\w+)`/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(Object.keys(careTransactions)).toEqual(expect.arrayContaining(named));
  });
});
