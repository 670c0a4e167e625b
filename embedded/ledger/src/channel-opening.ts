import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Channel } from './channel.js';
import { configurationUpdate } from './committer/config-committer.js';
import { ChannelConfig } from './config/channel-config.js';
import { configurationIn } from './config/config-block.js';
import { type MspCache } from './config/msp-cache.js';
import { ConfigurationError, LedgerCorruptError, reasonOf } from './errors.js';
import { dataHash, type LedgerBlock } from './store/block.js';
import { ChannelStore, type StoreOptions } from './store/channel-store.js';
import { TailWitness } from './store/tail-witness.js';
import { CommittedChaincodes } from './lifecycle/committed-chaincodes.js';
import { openEnvelope } from './validation/transaction-content.js';
import { Block, blockMetadataCount, blockMetadataIndex, LastConfig, Metadata } from './wire/common.js';
import { noBytes } from './wire/message.js';
import { validationCode } from './wire/transaction.js';

/** What a channel begins with: a block, or the file that it is in. */
export type ChannelOrigin = { readonly genesis: LedgerBlock } | { readonly genesisFile: string };

/**
 * Opens a channel's ledger; one that is new begins with the genesis block.
 * @param origin - not needed where the ledger is there already
 */
export async function openChannel(
  name: string,
  origin: ChannelOrigin | undefined,
  msps: MspCache,
  folder: string,
  options: StoreOptions = {},
): Promise<Channel> {
  await mkdir(folder, { recursive: true });
  const genesis = origin && ('genesis' in origin ? origin.genesis : await readGenesis(origin.genesisFile));
  const store = await ChannelStore.open(
    path.join(folder, 'store'),
    new TailWitness(path.join(folder, 'committed')),
    options,
  );
  try {
    if (genesis === undefined) {
      if (store.height === 0)
        throw new LedgerCorruptError(`the ledger in ${folder} has lost its first block`);
    } else if (store.height === 0) await commitGenesis(store, genesis);
    else if (!(await store.block(0)).header.dataHash.equals(genesis.header.dataHash))
      throw new ConfigurationError(
        `the ledger in ${folder} began with another genesis block than it is given now; it belongs to another network`,
      );
    const number = await lastConfigBlock(store);
    const config = await readConfig(name, await store.block(number), msps);
    const chaincodes = await CommittedChaincodes.load(store, config);
    return new Channel(name, store, chaincodes, config, number);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The last block says where the last configuration is. */
async function lastConfigBlock(store: ChannelStore): Promise<number> {
  if (store.height === 1) return 0;
  const { metadata } = await store.block(store.height - 1);
  const { value } = Metadata.decode(metadata[blockMetadataIndex.lastConfig] ?? noBytes);
  return LastConfig.decode(value).index;
}

async function readConfig(name: string, block: LedgerBlock, msps: MspCache): Promise<ChannelConfig> {
  try {
    return await ChannelConfig.open(name, configurationIn(block).config, msps);
  } catch (error) {
    throw new ConfigurationError(
      `cannot use the configuration of channel ${name} in block ${block.header.number}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function readGenesis(file: string): Promise<LedgerBlock> {
  try {
    const { header, data, metadata } = Block.decode(await readFile(file));
    if (header?.number !== 0 || data === undefined) throw new LedgerCorruptError('it is no first block');
    if (!dataHash(data.data).equals(header.dataHash)) throw new LedgerCorruptError('its data hash is wrong');
    return { header, envelopes: data.data, metadata: metadata?.metadata ?? [] };
  } catch (error) {
    throw new ConfigurationError(`cannot use the genesis block ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function commitGenesis(
  store: ChannelStore,
  { header, envelopes, metadata }: LedgerBlock,
): Promise<void> {
  const flags = Buffer.alloc(envelopes.length, validationCode.VALID);
  const slots = Array.from({ length: blockMetadataCount }, (_, index) => metadata[index] ?? Buffer.alloc(0));
  slots[blockMetadataIndex.transactionsFilter] = flags;
  await store.commit({
    block: { header, envelopes, metadata: slots },
    transactions: envelopes.map((envelope) => ({
      id: openEnvelope(envelope).channelHeader.txId,
      code: validationCode.VALID,
    })),
    updates: envelopes.map((envelope) => configurationUpdate(envelope, header.number)),
    writes: [],
    privateChanges: [],
    // The chain of commit hashes begins with the block after.
    commitHash: store.commitHash,
  });
}
