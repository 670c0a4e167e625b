import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Channel } from './channel.js';
import { CommitFeed } from './commit-feed.js';
import { ConfigurationError, LedgerCorruptError, reasonOf } from './errors.js';
import { MspManager } from './msp/msp-manager.js';
import { type Msp } from './msp/msp.js';
import { type LedgerNetwork } from './network.js';
import { type ChannelPolicies, majorityOf } from './policy/application-policy.js';
import { dataHash, type LedgerBlock } from './store/block.js';
import { ChannelStore, type StoreOptions } from './store/channel-store.js';
import { TailWitness } from './store/tail-witness.js';
import { CommittedChaincodes } from './lifecycle/committed-chaincodes.js';
import { definedWithFirstBlock } from './lifecycle/first-block.js';
import { openEnvelope } from './validation/transaction-content.js';
import { Block, blockMetadataCount, blockMetadataIndex } from './wire/common.js';
import { validationCode } from './wire/transaction.js';

/** Opens a channel's ledger; one that is new begins with the genesis block. */
export async function openChannel(
  name: string,
  description: LedgerNetwork['channels'][string],
  msps: ReadonlyMap<string, Msp>,
  folder: string,
  options: StoreOptions = {},
): Promise<Channel> {
  await mkdir(folder, { recursive: true });
  const members = new MspManager(
    description.organizations.flatMap((mspId) => {
      const msp = msps.get(mspId);
      return msp === undefined ? [] : [msp];
    }),
  );
  const policies = channelPolicies(description.organizations);
  const genesis = await readGenesis(description.genesis);
  const store = await ChannelStore.open(
    path.join(folder, 'store'),
    new TailWitness(path.join(folder, 'committed')),
    options,
  );
  try {
    if (store.height === 0) await commitGenesis(store, genesis, description.chaincodes);
    else if (!(await store.block(0)).header.dataHash.equals(genesis.header.dataHash))
      throw new ConfigurationError(
        `the ledger in ${folder} began with another genesis block than ${description.genesis}; it belongs to another network`,
      );
    return {
      name,
      organizations: description.organizations,
      members,
      chaincodes: await CommittedChaincodes.load(store, policies),
      store,
      feed: new CommitFeed(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Policies of the channel's configuration that a chaincode's definition may name. */
function channelPolicies(organizations: readonly string[]): ChannelPolicies {
  const majority = majorityOf(organizations);
  const policies = new Map([
    ['/Channel/Application/Endorsement', majority],
    ['/Channel/Application/LifecycleEndorsement', majority],
  ]);
  return (reference) => policies.get(reference);
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
  chaincodes: LedgerNetwork['channels'][string]['chaincodes'],
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
    updates: definedWithFirstBlock(chaincodes),
    writes: [],
    privateChanges: [],
    // The chain of commit hashes begins with the block after.
    commitHash: store.commitHash,
  });
}
