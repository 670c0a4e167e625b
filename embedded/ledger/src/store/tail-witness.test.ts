import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '../crypto/hash.js';
import { TailWitness } from './tail-witness.js';

const hashOf = (height: number) => sha256(Buffer.from(String(height)));

describe('the witness of the end of a store', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-witness-'));
    file = path.join(folder, 'committed');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const commit = (...heights: readonly number[]) => {
    const witness = new TailWitness(file);
    for (const height of heights) witness.record(height, hashOf(height));
    witness.close();
  };
  const check = (height: number, hash = hashOf(height)) => {
    const witness = new TailWitness(file);
    try {
      witness.check(height, hash);
    } finally {
      witness.close();
    }
  };

  test('accepts the store as it was committed, and one that is a block ahead of it', () => {
    commit(1, 2, 3);
    check(3);
    check(4);
    commit(4);
    check(4);
  });

  test('notices that blocks are gone, and that the last is another', () => {
    commit(1, 2, 3);
    expect(() => check(2)).toThrow(/has 2 blocks, but 3 were committed/);
    expect(() => check(3, hashOf(7))).toThrow(/block 2 in the store is not the one/);
  });

  test.each(['zeros', 'noise'])(
    'whose newest record is torn by %s knows what it knew before, wherever the tear is',
    async (tear) => {
      commit(1, 2, 3);
      const whole = await readFile(file);
      for (let from = 512; from < whole.length; from += 1) {
        const torn = Buffer.from(whole);
        torn.fill(tear === 'zeros' ? 0 : 0xa7, from);
        await writeFile(file, torn);
        check(3);
        check(4);
        expect(() => check(1)).toThrow(/but [23] were committed/);
      }
    },
  );

  test('that is cut short knows what it knew before', async () => {
    commit(1, 2, 3);
    await truncate(file, 520);
    check(2);
    expect(() => check(1)).toThrow(/but 2 were committed/);
  });
});
