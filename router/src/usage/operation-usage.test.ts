import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { TestBench } from '../testing/test-bench.js';
import { OperationUsage, type OperationUsageSink, type OperationUse } from './operation-usage.js';

const log = pino({ level: 'silent' });
let bench: TestBench | undefined;
afterEach(() => bench?.stop());

/** A router with a usage that tells only when it is asked to. */
async function counting(sink: OperationUsageSink, most?: number): Promise<OperationUsage> {
  const usage = OperationUsage.start({ sink, most, everyMs: 3_600_000, log });
  bench = await TestBench.start({ plugins: [usage] });
  return usage;
}

const kept = (): OperationUsageSink & { uses: OperationUse[] } => {
  const uses: OperationUse[] = [];
  return {
    uses,
    record: (told) => {
      uses.push(...told);
      return Promise.resolve();
    },
  };
};

test('counts what clients send, without what they ask it with or call it', async () => {
  const sink = kept();
  const usage = await counting(sink);
  const query = (name: string) =>
    `query ${name}($${name}: Boolean = true) { ${name}: patient(id: "${name}") { ...${name} } } fragment ${name} on Patient { id @include(if: $${name}) }`;
  await bench?.post({ query: query('secretOne') });
  await bench?.post({ query: query('secretTwo') });
  await bench?.post({ query: '{ nothing }' });
  await usage.close();
  expect(sink.uses).toMatchObject([{ count: 2 }]);
  const document = sink.uses[0]?.document ?? '';
  expect(document).not.toContain('secret');
  expect(document.replace(/\s+/g, ' ')).toBe(
    'query ($v0: Boolean = false) { _0: patient(id: "") { ...F0 } } fragment F0 on Patient { id @include(if: $v0) }',
  );
});

test('what cannot be told is told later, once', async () => {
  const told = kept();
  let away = true;
  const usage = await counting({
    record: (uses) => (away ? Promise.reject(new Error('away')) : told.record(uses)),
  });
  await bench?.post({ query: '{ patient(id: "1") { id } }' });
  await usage.flush();
  await bench?.post({ query: '{ patient(id: "2") { id } }' });
  away = false;
  await usage.flush();
  await usage.close();
  expect(told.uses).toMatchObject([{ count: 2 }]);
});

test('counts so many different operations at a time, and serves the others all the same', async () => {
  const sink = kept();
  const usage = await counting(sink, 1);
  await bench?.post({ query: '{ patient(id: "1") { id } }' });
  const second = await bench?.post({ query: '{ patient(id: "1") { __typename id } }' });
  expect(second?.body.data).toHaveProperty('patient');
  await usage.close();
  expect(sink.uses).toHaveLength(1);
});
