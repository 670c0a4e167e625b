/** A few rounds of `npm run faults`: what a seed names, on a system of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { disagreements, type Outcome } from '../faults/outcomes.js';
import { FaultySystem } from '../faults/faulty-system.js';
import { playRound } from '../faults/play-round.js';
import { roundOf } from '../faults/schedule.js';

/** Its first two rounds kill the ledger, tear a write of the documents, and kill these. */
const seed = 5;

test('two rounds of faults leave a ledger that is whole, true answers, and read models that equal a rebuild', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-faults-'));
  const system = await FaultySystem.start(folder);
  try {
    const outcomes: Outcome[] = [];
    for (const number of [1, 2]) {
      const round = roundOf(seed, number);
      const report = await playRound(system, seed, round, outcomes);
      expect(report.faults).toHaveLength(round.faults.length);
      outcomes.push(...report.outcomes);
    }
    expect(outcomes.filter(({ said }) => said === 'valid').length).toBeGreaterThan(8);
  } finally {
    await system.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);

test('a round is the same for the same seed', () => {
  expect(roundOf(seed, 7)).toEqual(roundOf(seed, 7));
  expect(roundOf(seed, 7)).not.toEqual(roundOf(seed + 1, 7));
});

test('an answer that the ledger contradicts is found', () => {
  const codes = new Map([
    ['care/there', 'VALID'],
    ['care/lost', 'MVCC_READ_CONFLICT'],
  ]);
  const ledger = { codes, registered: new Map([['care/fault-1', 1]]) };
  const found = (outcome: Partial<Outcome> & Pick<Outcome, 'said'>) =>
    disagreements([{ channel: 'care', detail: '', ...outcome }], ledger).length;
  expect(found({ said: 'valid', transaction: 'there', marker: 'fault-1' })).toBe(0);
  expect(found({ said: 'valid', transaction: 'absent' })).toBe(1);
  expect(found({ said: 'valid', transaction: 'lost' })).toBe(1);
  expect(found({ said: 'valid', marker: 'fault-2' })).toBe(1);
  expect(found({ said: 'invalid', transaction: 'lost', code: 'MVCC_READ_CONFLICT' })).toBe(0);
  expect(found({ said: 'invalid', transaction: 'there', code: 'MVCC_READ_CONFLICT' })).toBe(1);
  expect(found({ said: 'refused', transaction: 'absent' })).toBe(0);
  expect(found({ said: 'refused', transaction: 'there' })).toBe(1);
  expect(found({ said: 'refused', marker: 'fault-1' })).toBe(1);
  expect(found({ said: 'unknown', transaction: 'absent' })).toBe(0);
  expect(disagreements([], { codes, registered: new Map([['care/fault-1', 2]]) })).toHaveLength(1);
});
