import { expect, test } from '@jest/globals';
import { alternate, measure, type Measurement, repeat } from './measure.js';

test('every operation runs once, no more at a time than asked for', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  const { operations, throughput, p50, p99 } = await measure({ operations: 20 }, 3, async (index) => {
    seen.push(index);
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running -= 1;
  });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(operations).toBe(20);
  expect(most).toBe(3);
  expect(throughput).toBeGreaterThan(0);
  expect(p50).toBeLessThanOrEqual(p99);
});

test('a run ends with its time, and counts what was done', async () => {
  const { operations } = await measure(
    { operations: 1_000_000, milliseconds: 20 },
    1,
    () => new Promise(setImmediate),
  );
  expect(operations).toBeGreaterThan(0);
  expect(operations).toBeLessThan(1_000_000);
});

test('an operation that fails fails the run', async () => {
  const failing = measure({ operations: 2 }, 1, () => Promise.reject(new Error('refused')));
  await expect(failing).rejects.toThrow('refused');
});

const run = (throughput: number): Measurement => ({ operations: 1, throughput, p50: 1, p99: 1 });

test('two ways take turns, and the median round of each counts', async () => {
  const turns: string[] = [];
  const figures = [5, 100, 7];
  const way = (name: string) => (round: number) => {
    turns.push(`${name}${round}`);
    return Promise.resolve(run((figures[round] ?? 0) * (name === 'ours' ? 1 : 2)));
  };
  const { ours, peer } = await alternate(3, way('ours'), way('peer'));
  expect(turns).toEqual(['ours0', 'peer0', 'ours1', 'peer1', 'ours2', 'peer2']);
  expect([ours.throughput, peer.throughput]).toEqual([7, 14]);
  expect((await repeat(3, way('ours'))).throughput).toBe(7);
});

test('no rounds, no figure', async () => {
  await expect(repeat(0, () => Promise.resolve(run(1)))).rejects.toThrow('at least one round');
});
