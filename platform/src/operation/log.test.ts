import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocuments, type Documents } from '../documents/index.js';
import { silentLogger } from '../telemetry/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { DAppLog } from './index.js';

let documents: Documents;
afterAll(async () => {
  await documents.connection.useDb(`${documents.connection.name}_operation`).dropDatabase();
  await documents.close();
});
const uri = documentsForTests();
beforeAll(async () => {
  documents = await connectDocuments(uri(), `log_test_${randomBytes(4).toString('hex')}`);
});

const open = (entriesKept?: number): DAppLog =>
  new DAppLog({
    connection: documents.connection,
    logger: silentLogger,
    ...(entriesKept !== undefined && { entriesKept }),
  });
const entry = (message: string) => ({ at: '2026-11-23T00:00:00.000Z', version: '1.0.0', message });
const messages = async (log: DAppLog, dapp: string): Promise<string[]> =>
  (await log.entries.find({ dapp }).sort({ _id: 1 }).lean().exec()).map(({ message }) => message);

test('entries stand in their order, over restarts, each DApp for itself', async () => {
  const first = open();
  for (const message of ['one', 'two']) first.add('diary', entry(message));
  first.add('other', entry('of another'));
  await first.close();
  const second = open();
  second.add('diary', entry('three'));
  await second.close();
  expect(await messages(second, 'diary')).toEqual(['one', 'two', 'three']);
  expect(await messages(second, 'other')).toEqual(['of another']);
});

test('the newest are kept, however many there are', async () => {
  const log = open(10);
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 8; count += 1) log.add('ring', entry(`${round}.${count}`));
    await log.write();
  }
  await log.close();
  const kept = await messages(log, 'ring');
  expect(kept).toHaveLength(10);
  expect([kept[0], kept.at(-1)]).toEqual(['1.6', '2.7']);
});

test('a flood costs bounded memory, and a long line is cut', async () => {
  const log = open();
  log.add('flood', entry('x'.repeat(100_000)));
  for (let count = 0; count < 10_000; count += 1) log.add('flood', entry(`line ${count}`));
  await log.close();
  const kept = await messages(log, 'flood');
  expect(kept).toHaveLength(200);
  expect(kept[0]).toHaveLength(1_000);
});
