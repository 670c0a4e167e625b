import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { startDocuments } from '@medigraph/embedded-documents';
import { type LedgerBlock, type LedgerClient } from '../ledger/index.js';
import { createProjector, type Projection } from '../projection/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { connectDocuments, isDocumentsUnavailable } from './index.js';

const uri = documentsForTests();
const folder = temporaryFolder();

test('documents are kept in the database of the name given', async () => {
  const name = `test-${randomUUID()}`;
  const first = await connectDocuments(uri(), name);
  await first.connection.collection<{ _id: string }>('things').insertOne({ _id: 'a' });
  expect(await first.healthy()).toBe(true);
  await first.close();
  expect(await first.healthy()).toBe(false);

  const second = await connectDocuments(uri(), name);
  const other = await connectDocuments(uri(), `${name}-other`);
  expect(await second.connection.collection('things').countDocuments()).toBe(1);
  expect(await other.connection.collection('things').countDocuments()).toBe(0);
  await second.connection.dropDatabase();
  await Promise.all([second.close(), other.close()]);
});

test('without a server, DOCUMENTS_UNAVAILABLE comes in time', async () => {
  const connecting = connectDocuments('mongodb://127.0.0.1:1', 'nothing', { timeoutMs: 200 });
  await expect(connecting).rejects.toMatchObject({ code: 'DOCUMENTS_UNAVAILABLE' });
});

test('a server that goes away and comes back costs a projector nothing but time', async () => {
  const dataDir = path.join(folder, 'restarted');
  let server = await startDocuments({ dataDir });
  const { port } = server;
  const documents = await connectDocuments(server.uri, 'restarted', { timeoutMs: 200 });

  // A ledger of two blocks; the second is committed while the document server is away.
  let commitSecond: (() => void) | undefined;
  const second = new Promise<void>((resolve) => (commitSecond = resolve));
  const block = (number: number): LedgerBlock => ({
    channel: 'care',
    number,
    transactions: [
      {
        index: 0,
        id: String(number),
        timestamp: new Date(0).toISOString(),
        mspId: 'CareMSP',
        code: 'VALID',
        event: { chaincode: 'suite', name: 'Changed', payload: Buffer.from(`[${number}]`) },
      },
    ],
  });
  const blocks = async function* (_channel: string, start: number, signal: AbortSignal) {
    if (start === 0) yield block(0);
    await second;
    yield block(1);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  const failures: unknown[] = [];
  let failed: (() => void) | undefined;
  const firstFailure = new Promise<void>((resolve) => (failed = resolve));
  const projection: Projection = {
    name: 'seen',
    channels: ['care'],
    chaincodes: ['suite'],
    apply: (events) =>
      documents.connection
        .collection<{ _id: string }>('seen')
        .bulkWrite(
          events.map(({ transactionId }) => ({
            updateOne: { filter: { _id: transactionId }, update: { $set: { seen: true } }, upsert: true },
          })),
        )
        .then(() => undefined),
    clear: () => Promise.resolve(),
  };
  const ledger: Pick<LedgerClient, 'blocks'> = { blocks };
  const projector = createProjector({
    name: 'test',
    ledger,
    connection: documents.connection,
    projections: [projection],
    onFailure: (error) => {
      failures.push(error);
      failed?.();
    },
  });
  await projector.start();
  expect(await projector.reached('care', 0)).toBe(true);
  await server.close();
  commitSecond?.();
  await firstFailure;
  expect(failures.filter((error) => !isDocumentsUnavailable(error))).toEqual([]);
  server = await startDocuments({ dataDir, port });
  expect(await projector.reached('care', 1)).toBe(true);
  expect(await projector.checkpoints()).toEqual({ care: 1 });
  expect(await documents.connection.collection('seen').countDocuments()).toBe(2);
  await projector.stop();
  await documents.close();
  await server.close();
});
