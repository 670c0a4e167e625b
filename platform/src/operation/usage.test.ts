import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocuments, type Documents } from '../documents/index.js';
import { silentLogger } from '../telemetry/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { countedUsage, DAppUsage, type DAppCall, toldUsage, type ToldUsage } from './index.js';

let documents: Documents;
afterAll(async () => {
  await documents.connection.useDb(`${documents.connection.name}_operation`).dropDatabase();
  await documents.close();
});
const uri = documentsForTests();
beforeAll(async () => {
  documents = await connectDocuments(uri(), `usage_test_${randomBytes(4).toString('hex')}`);
});

const key = randomBytes(32);
const open = (): DAppUsage =>
  new DAppUsage({
    connection: documents.connection,
    keyedHash: (text) => createHmac('sha256', key).update(text).digest('hex'),
    logger: silentLogger,
    knownCodes: () => Promise.resolve(new Set(['SLOT_TAKEN'])),
  });

const call: DAppCall = {
  dapp: 'appointments',
  version: '1.0.0',
  operation: 'Book:Take',
  caller: 'somebody',
  milliseconds: 40,
};

async function toldOf(usage: DAppUsage, operation: string): Promise<ToldUsage | undefined> {
  const found = await usage.rows.findOne({ operation }).lean().exec();
  return found ? toldUsage(countedUsage(found)) : undefined;
}

test('calls are added up over restarts, and told once there are enough callers', async () => {
  const first = open();
  for (let count = 0; count < 8; count += 1) first.record({ ...call, caller: `person ${count % 4}` });
  await first.close();
  expect(await toldOf(first, call.operation)).toBeUndefined();
  const second = open();
  for (let count = 0; count < 6; count += 1)
    second.record({ ...call, caller: 'person 4', milliseconds: 700, code: 'DAPP_REFUSED/SLOT_TAKEN' });
  await second.close();
  expect(await toldOf(second, call.operation)).toEqual({
    calls: 10,
    failures: 5,
    errors: [{ code: 'DAPP_REFUSED/SLOT_TAKEN', count: 5 }],
    p50: 50,
    p95: 1_000,
    p99: 1_000,
  });
});

test('what one caller does often is told nobody', async () => {
  const usage = open();
  for (let count = 0; count < 100; count += 1) usage.record({ ...call, operation: 'Book:Often' });
  await usage.close();
  expect(await toldOf(usage, 'Book:Often')).toBeUndefined();
});

test('whose calls they were is not kept, nor a code that the bundle does not have', async () => {
  const usage = open();
  for (let count = 0; count < 10; count += 1)
    usage.record({
      ...call,
      operation: 'Book:Leak',
      caller: `hospital-a/dr-${count}`,
      code: `DAPP_REFUSED/HIV_${count}`,
    });
  await usage.close();
  const kept = await usage.rows.find({ operation: 'Book:Leak' }).lean().exec();
  expect(JSON.stringify(kept)).not.toMatch(/HIV|dr-/);
  expect(await toldOf(usage, 'Book:Leak')).toMatchObject({ errors: [{ code: 'DAPP_REFUSED', count: 10 }] });
});

test('as many names as a contract may have cost bounded memory', async () => {
  const usage = open();
  for (let count = 0; count < 6_000; count += 1) usage.record({ ...call, operation: `Flood:T${count}` });
  for (let count = 0; count < 100; count += 1)
    usage.record({ ...call, operation: 'Flood:T0', caller: `person ${count}`, code: `CODE_${count}` });
  await usage.close();
  expect(await usage.rows.countDocuments({ operation: /^Flood:/ })).toBe(5_000);
  const found = await usage.rows.findOne({ operation: 'Flood:T0' }).lean().exec();
  expect(Object.keys(found?.codes ?? {}).length).toBe(51);
  expect(found?.callers.length).toBe(5);
});
