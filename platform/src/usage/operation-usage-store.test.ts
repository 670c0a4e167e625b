import { randomUUID } from 'node:crypto';
import { connectDocuments, type Documents } from '../documents/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { OperationUsageStore } from './index.js';

const uri = documentsForTests();
const day = (number: number): Date => new Date(Date.UTC(2026, 0, number, 12));
let documents: Documents;

beforeAll(async () => {
  documents = await connectDocuments(uri(), `usage-${randomUUID()}`);
});
afterEach(() => documents.connection.dropDatabase());
afterAll(() => documents.close());

const storeOf = (bounds: { days?: number; mostADay?: number }) =>
  new OperationUsageStore({ connection: documents.connection, ...bounds });

test('what several routers tell adds up, whoever reads it later', async () => {
  const routers = [storeOf({}), storeOf({})];
  await Promise.all(
    routers.map((router, index) =>
      router.record([{ document: '{ a }', count: 2, lastUsedAt: day(3 + index) }]),
    ),
  );
  await routers[0]?.record([{ document: '{ a }', count: 1, lastUsedAt: day(3) }]);
  expect(await storeOf({}).operations(day(4))).toEqual([{ document: '{ a }', count: 5, lastUsedAt: day(4) }]);
});

test('what is older than the days that count goes, from what is told and from what is kept', async () => {
  const store = storeOf({ days: 2 });
  await store.record([{ document: '{ old }', count: 9, lastUsedAt: day(1) }]);
  expect(await store.operations(day(2))).toHaveLength(1);
  expect(await store.operations(day(3))).toEqual([]);
  await store.record([{ document: '{ young }', count: 1, lastUsedAt: day(3) }]);
  expect(await documents.connection.collection('operation_uses').countDocuments()).toBe(1);
});

test('a flood of operations drives out none that is really used', async () => {
  const store = storeOf({ mostADay: 3 });
  await store.record([{ document: '{ used }', count: 2, lastUsedAt: day(1) }]);
  for (let round = 0; round < 4; round += 1)
    await store.record(
      [1, 2, 3].map((each) => ({ document: `{ a${round}: b${each} }`, count: 1, lastUsedAt: day(1) })),
    );
  const kept = await store.operations(day(1));
  expect(kept).toHaveLength(3);
  expect(kept.map(({ document }) => document)).toContain('{ used }');
});
