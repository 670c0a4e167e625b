import { ClassicLevel } from 'classic-level';
import {
  LedgerCorruptError,
  LedgerFormatError,
  LedgerStorageError,
  LedgerUnavailableError,
  reasonOf,
} from '../errors.js';
import { Block } from '../wire/common.js';
import { type Version } from '../wire/rwset.js';
import { type ValidationCode } from '../wire/transaction.js';
import { headerHash, type LedgerBlock } from './block.js';
import {
  blockHashKey,
  blockKey,
  envelopeKey,
  historyKey,
  metaKey,
  positionLength,
  stateKey,
  transactionKey,
  writePosition,
} from './keys.js';
import { derivedRanges } from './derived-keys.js';
import { PrivateStore, type StoreOperation } from './private-store.js';
import { Snapshot, type Level } from './snapshot.js';
import { type TailWitness } from './tail-witness.js';
import { decodeVersionedValue, encodeVersionedValue, type VersionedValue } from './versioned-value.js';

const formatKey = metaKey('format');
const format = '2';
const commitHashKey = metaKey('commit-hash');
const heightKey = metaKey('height');

/** A change of state that a block makes; without a value it deletes. */
export interface StateUpdate {
  readonly namespace: string;
  readonly key: string;
  readonly value: VersionedValue | undefined;
  /** The transaction that makes it. */
  readonly version: Version;
}

/** How a store is opened. */
export interface StoreOptions {
  /** False to leave writing to the operating system: for a store that is worth nothing after a crash. Default true. */
  readonly durable?: boolean;
}

/** Where a transaction is. */
export interface TransactionLocation {
  readonly block: number;
  readonly index: number;
  readonly code: ValidationCode;
}

/** A validated block with everything that it changes. */
export interface BlockCommit {
  readonly block: LedgerBlock;
  /** By position in the block; an empty id is not indexed, nor is one that an earlier transaction has. */
  readonly transactions: readonly { readonly id: string; readonly code: ValidationCode }[];
  readonly updates: Iterable<StateUpdate>;
  /** Keys written by valid transactions, for their history. */
  readonly writes: Iterable<{ namespace: string; key: string; transaction: number }>;
  /** What becomes of private data. */
  readonly privateChanges: Iterable<StoreOperation>;
  readonly commitHash: Buffer;
}

/**
 * One channel's ledger on disk. A block, its place in the chain, the index, the state and the history are written in one
 * synced batch: after a crash either all of it is there or nothing.
 */
export class ChannelStore {
  readonly privateData: PrivateStore;
  readonly #level: Level;
  readonly #witness: TailWitness;
  readonly #durable: boolean;
  #head: Snapshot;
  #height: number;
  #lastHash: Buffer;
  #commitHash: Buffer;
  #closed = false;

  private constructor(
    level: Level,
    witness: TailWitness,
    height: number,
    lastHash: Buffer,
    commitHash: Buffer,
    durable: boolean,
  ) {
    this.privateData = new PrivateStore(level);
    this.#level = level;
    this.#witness = witness;
    this.#durable = durable;
    this.#height = height;
    this.#lastHash = lastHash;
    this.#commitHash = commitHash;
    this.#head = new Snapshot(level, height);
  }

  /**
   * @throws {@link LedgerCorruptError} if it cannot be read or its last blocks are gone;
   * {@link LedgerUnavailableError} if it cannot be opened.
   */
  static async open(
    folder: string,
    witness: TailWitness,
    { durable = true }: StoreOptions = {},
  ): Promise<ChannelStore> {
    const level: Level = new ClassicLevel<Buffer, Buffer>(folder, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      cacheSize: 64 * 1024 * 1024,
      writeBufferSize: 16 * 1024 * 1024,
    });
    try {
      await level.open();
    } catch (error) {
      const cause = (error as Error).cause as (Error & { code?: string }) | undefined;
      const message = `cannot open the store ${folder}: ${reasonOf(cause ?? error)}`;
      if (cause?.code === 'LEVEL_CORRUPTION') throw new LedgerCorruptError(message, { cause: error });
      throw new LedgerUnavailableError(message, { cause: error });
    }
    try {
      return await ChannelStore.#load(level, witness, folder, durable);
    } catch (error) {
      await level.close();
      throw error;
    }
  }

  static async #load(
    level: Level,
    witness: TailWitness,
    folder: string,
    durable: boolean,
  ): Promise<ChannelStore> {
    const found = await level.get(formatKey);
    if (found === undefined) await level.put(formatKey, Buffer.from(format), { sync: true });
    else if (found.toString() !== format)
      throw new LedgerFormatError(
        `the store ${folder} has format ${found.toString()}, this version writes ${format}: begin anew with another data folder`,
      );
    const stored = await level.get(heightKey);
    const height = stored === undefined ? 0 : Number(stored.readBigUInt64BE());
    const lastHash = height === 0 ? Buffer.alloc(0) : await ChannelStore.#hashOfBlock(level, height - 1);
    witness.check(height, lastHash);
    const commitHash = (await level.get(commitHashKey)) ?? Buffer.alloc(0);
    return new ChannelStore(level, witness, height, lastHash, commitHash, durable);
  }

  static async #hashOfBlock(level: Level, number: number): Promise<Buffer> {
    const stored = await level.get(blockKey(number));
    const header = stored === undefined ? undefined : Block.decode(stored).header;
    if (header?.number !== number) throw new LedgerCorruptError(`block ${number} is missing from the store`);
    return headerHash(header);
  }

  /** Number of blocks. */
  get height(): number {
    return this.#height;
  }

  /** Hash of the last block's header; empty before the first. */
  get lastHash(): Buffer {
    return this.#lastHash;
  }

  get commitHash(): Buffer {
    return this.#commitHash;
  }

  /** The state after the last block; the caller releases it. */
  snapshot(): Snapshot {
    return this.#head.retain();
  }

  state(namespace: string, key: string): VersionedValue | undefined {
    const stored = this.#level.getSync(stateKey(namespace, key));
    return stored === undefined ? undefined : decodeVersionedValue(stored);
  }

  version(namespace: string, key: string): Version | undefined {
    return this.state(namespace, key)?.version;
  }

  transaction(id: string): TransactionLocation | undefined {
    const stored = this.#level.getSync(transactionKey(id));
    if (stored === undefined) return undefined;
    return {
      block: Number(stored.readBigUInt64BE(0)),
      index: stored.readUInt32BE(8),
      code: stored.readUInt8(positionLength) as ValidationCode,
    };
  }

  /** The block that has this hash. */
  blockNumber(hash: Buffer): number | undefined {
    const stored = this.#level.getSync(blockHashKey(hash));
    return stored === undefined ? undefined : Number(stored.readBigUInt64BE());
  }

  async envelope(block: number, index: number): Promise<Buffer> {
    const stored = await this.#level.get(envelopeKey(block, index));
    if (stored === undefined)
      throw new LedgerCorruptError(`transaction ${index} of block ${block} is missing from the store`);
    return stored;
  }

  async block(number: number): Promise<LedgerBlock> {
    const [stored, envelopes] = await Promise.all([
      this.#level.get(blockKey(number)),
      this.#level.values({ gte: envelopeKey(number, 0), lt: envelopeKey(number + 1, 0) }).all(),
    ]);
    const { header, metadata } = stored === undefined ? {} : Block.decode(stored);
    if (header === undefined || metadata === undefined)
      throw new LedgerCorruptError(`block ${number} is missing from the store`);
    return { header, envelopes, metadata: metadata.metadata };
  }

  /** Everything that follows from the blocks, in the order of keys: where the channel stands, index, state and history. */
  async *derived(): AsyncGenerator<readonly [Buffer, Buffer], void, undefined> {
    for (const range of derivedRanges)
      yield* this.#level.iterator({ ...range, highWaterMarkBytes: 256 * 1024 });
  }

  /** @throws {@link LedgerStorageError} if it could not be written; the block then counts as not committed. */
  async commit({
    block,
    transactions,
    updates,
    writes,
    privateChanges,
    commitHash,
  }: BlockCommit): Promise<void> {
    const { header, envelopes, metadata } = block;
    const height = header.number + 1;
    const batch: StoreOperation[] = [];
    const put = (key: Buffer, value: Buffer) => batch.push({ type: 'put', key, value });
    const position = (transaction: number, code: number) => {
      const value = Buffer.allocUnsafe(positionLength + 1);
      writePosition(value, 0, header.number, transaction);
      value[positionLength] = code;
      return value;
    };

    put(blockKey(header.number), Block.encode({ header, metadata: { metadata: [...metadata] } }));
    envelopes.forEach((envelope, index) => put(envelopeKey(header.number, index), envelope));
    const indexed = new Set<string>();
    transactions.forEach(({ id, code }, index) => {
      if (id === '' || indexed.has(id) || this.transaction(id) !== undefined) return;
      indexed.add(id);
      put(transactionKey(id), position(index, code));
    });
    for (const { namespace, key, value } of updates) {
      if (value === undefined) batch.push({ type: 'del', key: stateKey(namespace, key) });
      else put(stateKey(namespace, key), encodeVersionedValue(value));
    }
    for (const { namespace, key, transaction } of writes)
      put(historyKey(namespace, key, header.number, transaction), Buffer.alloc(0));
    for (const change of privateChanges) batch.push(change);
    const hash = headerHash(header);
    put(blockHashKey(hash), uint64(header.number));
    put(heightKey, uint64(height));
    put(commitHashKey, commitHash);

    try {
      await this.#level.batch(batch, { sync: this.#durable });
      this.#lastHash = hash;
      this.#witness.record(height, this.#lastHash);
    } catch (error) {
      const cause = (error as Error).cause;
      throw new LedgerStorageError(
        `block ${header.number} could not be written: ${reasonOf(cause ?? error)}`,
        { cause: error },
      );
    }
    this.#height = height;
    this.#commitHash = commitHash;
    const previous = this.#head;
    this.#head = new Snapshot(this.#level, height);
    previous.release();
  }

  /** True once nothing can be read any more. */
  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#head.release();
    await this.#level.close();
    this.#witness.close();
  }
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A block of the wire. @throws if it has no header or no transactions. */
export function decodeBlock(bytes: Uint8Array): LedgerBlock {
  const { header, data, metadata } = Block.decode(bytes);
  if (header === undefined || data === undefined) throw new Error('block has no header or no data');
  return { header, envelopes: data.data, metadata: metadata?.metadata ?? [] };
}

/** The wire form of a block. */
export function encodeBlock({ header, envelopes, metadata }: LedgerBlock): Buffer {
  return Block.encode({
    header,
    data: { data: [...envelopes] },
    metadata: { metadata: [...metadata] },
  });
}
