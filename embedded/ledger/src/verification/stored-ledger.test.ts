import { prepareEmbedded } from '@medigraph/network';
import { ClassicLevel } from 'classic-level';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type LedgerNetwork,
  readLedgerNetwork,
  StoredBlocks,
  verifyStoredChains,
  verifyStoredLedger,
} from '../index.js';
import { blockKey, envelopeKey, historyRange, stateKey, transactionKey } from '../store/keys.js';
import { privateStateKey, writeSetKey } from '../store/private-keys.js';
import { TailWitness } from '../store/tail-witness.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { Block, blockMetadataIndex, Envelope, Metadata } from '../wire/common.js';
import { validationCode } from '../wire/transaction.js';

type Level = ClassicLevel<Buffer, Buffer>;

/** Of the clients in the test, on `main`. */
const sampleTransactions = 10;

/** A collection with something in it, as the first of its members keeps it. */
const shared = { holder: 'AlphaMSP', namespace: 'sample', collection: 'shared' };

/**
 * What deploying a channel's chaincodes takes: each organisation approves each of them for itself, which its own peer endorses;
 * somebody commits it, which the peers of all endorse.
 */
function deployment(channel: string): { readonly transactions: number; readonly signatures: number } {
  const found = testDescription.channels.find(({ name }) => name === channel);
  const organizations = found?.organizations.length ?? 0;
  const suites = found?.suites.length ?? 0;
  const approvals = organizations * suites;
  return { transactions: approvals + suites, signatures: 2 * approvals + (1 + organizations) * suites };
}

describe('a ledger on disk', () => {
  let running: TestNetwork;
  let network: LedgerNetwork;
  /** Of a transaction in the last block. */
  let lastId: string;
  let blocks: number;
  /** Block that first wrote the key `kept`. */
  let firstKept: number;
  /** Block that wrote the private key `secret`. */
  let privateBlock: number;
  /** Blocks of the channel that only has its chaincode deployed. */
  let narrowBlocks: number;

  beforeAll(async () => {
    running = await TestNetwork.start({
      prepare: async (folder) => (await prepareEmbedded(testDescription, folder)).ledgerFile,
    });
    network = await readLedgerNetwork(running.description);
    const client = await running.raw();
    const heightOf = (channel: string) => running.ledger.heights()[channel] ?? 0;
    narrowBlocks = heightOf('narrow');
    firstKept = heightOf('main');
    await client.transact('main', 'sample', ['put', 'kept', 'first']);
    await client.transact('main', 'sample', ['put', 'kept', 'second']);
    await client.transact('main', 'sample', ['put', 'gone', 'soon']);
    await client.transact('main', 'sample', ['remove', 'gone']);
    const conflicting = await Promise.all(
      ['1', '2', '3'].map((amount) => client.transact('main', 'sample', ['add', 'sum', amount])),
    );
    expect(conflicting).toContain(validationCode.MVCC_READ_CONFLICT);
    await client.transact('main', 'sample', ['count', 'a', 'z', 'counted']);
    privateBlock = heightOf('main');
    const written = await client.transact('main', 'sample', ['putPrivate', 'shared', 'secret', 'plain']);
    expect(written).toBe(validationCode.VALID);
    const proposal = await client.propose('main', 'sample', ['put', 'last', 'one']);
    lastId = proposal.id;
    await client.broadcast(await client.signEnvelope(await client.endorse(proposal)));
    expect((await client.commitStatus('main', lastId)).result).toBe(validationCode.VALID);
    blocks = heightOf('main');
    await running.stopLedger();
  });
  afterAll(() => running.close());

  const verify = (dataFolder = running.dataFolder) => verifyStoredLedger({ network, dataFolder });

  test('that is as it was written is found right, and what was checked is counted', async () => {
    const [main, narrow] = await verify();
    expect(main).toMatchObject({ channel: 'main', blocks, disregarded: 0 });
    expect(main?.broken).toBeUndefined();
    const ofMain = deployment('main');
    // Each transaction on the sample has a creator and two endorsers.
    expect(main?.transactions).toBe(1 + ofMain.transactions + sampleTransactions);
    expect(main?.signatures).toBe(ofMain.signatures + 3 * sampleTransactions);
    const ofNarrow = deployment('narrow');
    expect(narrow).toEqual({
      channel: 'narrow',
      blocks: narrowBlocks,
      transactions: 1 + ofNarrow.transactions,
      signatures: ofNarrow.signatures,
      disregarded: 0,
    });
    expect(await verifyStoredChains({ network, dataFolder: running.dataFolder })).toEqual([
      { channel: 'main', blocks },
      { channel: 'narrow', blocks: narrowBlocks },
    ]);
  });

  test('gives its blocks in the form of the wire', async () => {
    const numbers: number[] = [];
    const stored = await StoredBlocks.open({ network, dataFolder: running.dataFolder });
    try {
      for await (const bytes of stored.read('main', 1))
        numbers.push(Block.decode(bytes).header?.number ?? -1);
      expect(stored.heights).toEqual(
        new Map([
          ['main', blocks],
          ['narrow', narrowBlocks],
        ]),
      );
      await expect(stored.read('other').next()).rejects.toMatchObject({ code: 'LEDGER_CONFIGURATION' });
    } finally {
      await stored.close();
    }
    expect(numbers).toEqual(Array.from({ length: blocks - 1 }, (_, index) => index + 1));
  });

  test('that somebody serves is not touched', async () => {
    await running.startLedger();
    await expect(verify()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await running.stopLedger();
  });

  test('that is not there is not made', async () => {
    const dataFolder = path.join(running.folder, 'nowhere');
    await expect(verify(dataFolder)).rejects.toMatchObject({ code: 'LEDGER_CONFIGURATION' });
  });

  const changed = (value: Buffer | undefined) => {
    const copy = Buffer.from(value ?? '');
    copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
    return copy;
  };
  const change = async (store: Level, key: Buffer) => store.put(key, changed(await store.get(key)));
  const withMetadata = async (store: Level, slot: number, make: (value: Buffer) => Buffer) => {
    const { header, metadata } = Block.decode((await store.get(blockKey(blocks - 1))) ?? Buffer.alloc(0));
    const slots = (metadata?.metadata ?? []).map((value, index) => (index === slot ? make(value) : value));
    await store.put(blockKey(blocks - 1), Block.encode({ header, metadata: { metadata: slots } }));
  };

  interface Damage {
    readonly what: string;
    readonly do: (store: Level, last: number) => Promise<void>;
    /** Block, if it is one block that is found wrong. */
    readonly block?: number;
    readonly reason: RegExp;
    readonly quickFinds: boolean;
  }
  const damages: readonly Damage[] = [
    {
      what: 'a value in the state',
      do: (store) => change(store, stateKey('sample', 'kept')),
      reason: /^the state of sample, key "kept" is not what its blocks wrote$/,
      quickFinds: false,
    },
    {
      what: 'a key that is gone from the state',
      do: (store) => store.del(stateKey('sample', 'kept')),
      reason: /^the state of sample, key "kept" is missing$/,
      quickFinds: false,
    },
    {
      what: 'a key in the state that nobody wrote',
      do: (store) => store.put(stateKey('sample', 'gone'), Buffer.alloc(17)),
      reason: /^the state of sample, key "gone" is there, and no block wrote it$/,
      quickFinds: false,
    },
    {
      what: 'a write that is gone from the history',
      do: async (store) => {
        const [first] = await store.keys({ ...historyRange('sample', 'kept'), limit: 1 }).all();
        await store.del(first ?? Buffer.alloc(0));
      },
      get reason() {
        return new RegExp(`^the history of sample, key "kept", at block ${firstKept} is missing$`);
      },
      quickFinds: false,
    },
    {
      what: 'a private value',
      do: (store) => change(store, privateStateKey(shared, 'secret')),
      reason: /^the private state of AlphaMSP, sample, shared, secret is not what its blocks wrote$/,
      quickFinds: false,
    },
    {
      what: 'a private value that is gone',
      do: (store) => store.del(privateStateKey(shared, 'secret')),
      reason: /^the private state of AlphaMSP, sample, shared, secret is missing$/,
      quickFinds: false,
    },
    {
      what: 'what a transaction wrote to a collection',
      do: (store) => change(store, writeSetKey(shared, privateBlock, 0)),
      get block() {
        return privateBlock;
      },
      reason: /^the private data of transaction 0 in sample, shared is not that of its hashes$/,
      quickFinds: false,
    },
    {
      what: 'a validation code in the index',
      do: (store) => change(store, transactionKey(lastId)),
      reason: /^the index entry of transaction [0-9a-f]{64} is not what its blocks wrote$/,
      quickFinds: false,
    },
    {
      what: 'a validation code in a block',
      do: (store) => withMetadata(store, blockMetadataIndex.transactionsFilter, changed),
      get block() {
        return blocks - 1;
      },
      reason: /^transaction 0 has validation code 1, and validates to 0$/,
      quickFinds: false,
    },
    {
      what: 'a commit hash',
      do: (store) =>
        withMetadata(store, blockMetadataIndex.commitHash, (value) =>
          Metadata.encode({ value: changed(Metadata.decode(value).value) }),
        ),
      get block() {
        return blocks - 1;
      },
      reason: /^its commit hash is not that of its changes$/,
      quickFinds: false,
    },
    {
      what: "the orderer's signature",
      do: (store) => withMetadata(store, blockMetadataIndex.signatures, changed),
      get block() {
        return blocks - 1;
      },
      reason: /^no orderer signed it$/,
      quickFinds: true,
    },
    {
      what: 'a transaction',
      do: async (store, last) => {
        const key = envelopeKey(last, 0);
        const { payload, signature } = Envelope.decode((await store.get(key)) ?? Buffer.alloc(0));
        await store.put(key, Envelope.encode({ payload, signature: changed(signature) }));
      },
      get block() {
        return blocks - 1;
      },
      reason: /^its transactions are not those of its header$/,
      quickFinds: true,
    },
    {
      what: 'a transaction that is gone',
      do: (store, last) => store.del(envelopeKey(last, 0)),
      get block() {
        return blocks - 1;
      },
      reason: /^its transactions are not those of its header$/,
      quickFinds: true,
    },
  ];

  test.each(damages)('with damage to $what is found broken', async (damage) => {
    const dataFolder = path.join(running.folder, 'damaged');
    await cp(running.dataFolder, dataFolder, { recursive: true });
    try {
      const store: Level = new ClassicLevel<Buffer, Buffer>(path.join(dataFolder, 'main', 'store'), {
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
      });
      await damage.do(store, blocks - 1);
      await store.close();
      const [main] = await verify(dataFolder);
      expect(main?.broken?.reason).toMatch(damage.reason);
      expect(main?.broken?.block).toBe(damage.block);
      const [quick] = await verifyStoredChains({ network, dataFolder });
      expect(quick?.broken !== undefined).toBe(damage.quickFinds);
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  });

  test('whose last blocks are gone is found broken, however good the rest is', async () => {
    const dataFolder = path.join(running.folder, 'shortened');
    await cp(running.dataFolder, dataFolder, { recursive: true });
    const witness = new TailWitness(path.join(dataFolder, 'main', 'committed'));
    witness.record(blocks + 1, Buffer.alloc(32));
    witness.close();
    const [main] = await verify(dataFolder);
    expect(main?.broken?.reason).toMatch(/its end is lost or damaged/);
  });
});
