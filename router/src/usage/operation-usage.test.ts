import { expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestBench } from '../testing/test-bench.js';
import { OperationUsage } from './operation-usage.js';

const dayMs = 86_400_000;

test('counts what clients send, without what they ask it with, over starts and for some days', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-usage-'));
  const file = path.join(folder, 'kept', 'usage.json');
  let now = Date.now();
  const usage = await OperationUsage.open({ file, days: 2, now: () => now });
  const bench = await TestBench.start({ plugins: [usage] });
  try {
    const query = 'query Who { patient(id: "secret-1") { ...Name } } fragment Name on Patient { id }';
    await bench.post({ query });
    await bench.post({ query });
    await bench.post({ query: '{ nothing }' });
    const [used, ...others] = usage.operations();
    expect(others).toEqual([]);
    expect(used?.count).toBe(2);
    expect(used?.document).toContain('fragment Name');
    await usage.save();
    expect(await readFile(file, 'utf8')).not.toContain('secret');
    now += dayMs;
    const again = await OperationUsage.open({ file, days: 2, now: () => now });
    expect(again.operations()).toEqual([used]);
    now += dayMs;
    expect(again.operations()).toEqual([]);
    await writeFile(file, '{');
    expect((await OperationUsage.open({ file })).operations()).toEqual([]);
  } finally {
    await bench.stop();
    await rm(folder, { recursive: true });
  }
});

test('keeps so many operations, those sent last', async () => {
  const usage = await OperationUsage.open({ most: 2 });
  const bench = await TestBench.start({ plugins: [usage] });
  try {
    for (const alias of ['a', 'b', 'c']) await bench.post({ query: `{ ${alias}: patient(id: "1") { id } }` });
    expect(usage.operations().map(({ document }) => document.replace(/\W+/g, ''))).toEqual([
      'cpatientidid',
      'bpatientidid',
    ]);
  } finally {
    await bench.stop();
  }
});
