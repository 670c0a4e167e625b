/** Where DApps stand in lists, out of the ledger's events alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDocuments } from '@medigraph/embedded-documents';
import { type LedgerEvent } from '@medigraph/platform/projection';
import { type registry } from '@medigraph/schema';
import { dappManifest } from '@medigraph/schema/dapps';
import { DAppBook } from '@medigraph/subgraph-dapps';
import { type Connection, createConnection } from 'mongoose';

const channel = 'care';
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
let block = 0;
let folder: string;
let documents: Awaited<ReturnType<typeof startDocuments>>;
let connection: Connection;
let book: DAppBook;

function event(type: string, payload: object): LedgerEvent {
  block += 1;
  const position = { channel, block, transaction: 0, index: 0 };
  return { position, type, payload, transactionId: String(block), timestamp: at(block) };
}

function published(dapp: string, publishedAt: string, version = '1.0.0'): registry.DAppRelease {
  const manifest = dappManifest.parse({
    id: dapp,
    name: dapp,
    summary: 'Stands in lists.',
    publisher: 'acme',
    version,
    license: 'MIT',
    categories: ['other'],
    medigraph: '*',
    contracts: { entry: 'index.js', names: ['Lists'] },
    support: { email: 'help@example.org' },
  });
  return {
    dapp,
    version,
    publisher: 'acme',
    status: 'active',
    manifest,
    package: { sha256: '0'.repeat(64), size: 1 },
    signature: 'a.b.c',
    reports: [],
    votes: [],
    publishedAt,
  };
}

function installed(dapp: string, holder: string, status: 'active' | 'ended' = 'active'): LedgerEvent {
  const installation = { dapp, holder, holderKind: 'institution', version: '1.0.0', grants: [], status };
  const type = status === 'active' ? 'DAppInstalled' : 'DAppUninstalled';
  return event(type, { ...installation, since: at(0), ...(status === 'ended' && { endedAt: at(1) }) });
}

const rated = (dapp: string, author: string, stars: number): LedgerEvent =>
  event('DAppRated', { dapp, author, stars, version: '1.0.0', at: at(1) });

const inOrder = async (key: 'publishedAt' | 'installationRank' | 'ratingRank'): Promise<string[]> => {
  const found = await book.dapps
    .find({}, { _id: 1 })
    .sort({ [key]: -1, _id: -1 })
    .lean();
  return found.map(({ _id }) => _id);
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ranks-'));
  documents = await startDocuments({ dataDir: folder });
  connection = await createConnection(documents.uri, { dbName: 'ranks' }).asPromise();
  book = new DAppBook(connection, {
    channels: { [channel]: { organizations: [], suites: { registry: 'registry' } } },
  });
});
afterAll(async () => {
  await connection.close();
  await documents.close();
  await rm(folder, { recursive: true, force: true });
});

test('the most installed, the best rated and the latest come first', async () => {
  const dapps = ['alpha', 'beta', 'gamma'];
  await book.apply(dapps.map((dapp, index) => event('DAppActivated', published(dapp, at(index)))));
  expect(await inOrder('publishedAt')).toEqual(['gamma', 'beta', 'alpha']);
  const many = Array.from({ length: 11 }, (_, index) => installed('alpha', `clinic-${index}`));
  const events = [
    ...many,
    installed('beta', 'clinic-1'),
    installed('beta', 'clinic-2'),
    installed('gamma', 'clinic-1'),
    // One who is delighted weighs less than many who are content.
    rated('gamma', 'clinic-1', 5),
    ...Array.from({ length: 8 }, (_, index) => rated('alpha', `clinic-${index}`, 4)),
    rated('beta', 'clinic-1', 1),
  ];
  await book.apply(events);
  expect(await inOrder('installationRank')).toEqual(['alpha', 'beta', 'gamma']);
  expect(await inOrder('ratingRank')).toEqual(['alpha', 'gamma', 'beta']);

  // As after a crash.
  await book.apply(events);
  await book.apply([installed('beta', 'clinic-1', 'ended'), installed('beta', 'clinic-2', 'ended')]);
  expect(await inOrder('installationRank')).toEqual(['alpha', 'gamma', 'beta']);
  await book.apply([event('DAppActivated', published('beta', at(9), '1.1.0'))]);
  expect(await inOrder('publishedAt')).toEqual(['beta', 'gamma', 'alpha']);
  expect(await inOrder('ratingRank')).toEqual(['alpha', 'gamma', 'beta']);
});
