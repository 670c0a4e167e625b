import { type Channel } from '../channel.js';
import { type ChannelConfig } from '../config/channel-config.js';
import { type Log } from '../log.js';
import { type OrderedBlock } from '../orderer/block-builder.js';
import { type StateUpdate } from '../store/channel-store.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { blockMetadataIndex, Metadata } from '../wire/common.js';
import { validationCode } from '../wire/transaction.js';
import { PendingUpdates } from '../validation/pending-updates.js';
import { hashOfCommit } from './committer.js';
import { PrivateBlock } from './private-block.js';

/** Where a peer keeps the configuration that it last saw, among the state. */
const stateOfPeers = { namespace: '', key: 'CHANNEL_CONFIG_ENV_BYTES' } as const;

/** The configuration in an envelope, as state. */
export function configurationUpdate(envelope: Buffer, block: number): StateUpdate {
  const version = { blockNum: block, txNum: 0 };
  const { data } = openEnvelope(envelope);
  return { ...stateOfPeers, value: { value: data, version, metadata: [] }, version };
}

/**
 * Writes a block that holds a new configuration; with it on disk, the configuration is in effect.
 * @throws `LedgerStorageError` if it could not be written.
 */
export async function commitConfiguration(
  channel: Channel,
  { header, envelopes, metadata }: OrderedBlock,
  config: ChannelConfig,
  log: Log,
): Promise<void> {
  const { store, feed } = channel;
  const flags = Buffer.from(envelopes.map(() => validationCode.VALID));
  const updates = envelopes.map((envelope) => configurationUpdate(envelope, header.number));
  const commitHash = hashOfCommit(flags, updates, store.commitHash);
  metadata[blockMetadataIndex.transactionsFilter] = flags;
  metadata[blockMetadataIndex.commitHash] = Metadata.encode({ value: commitHash });
  const block = { header, envelopes, metadata };
  // The orderer makes the transaction without an id.
  const transactions = envelopes.map(() => ({ id: '', code: validationCode.VALID }));
  // It brings no private data, and yet some that is kept is due to go with it.
  const expiries = new PendingUpdates();
  const privateChanges = await new PrivateBlock(channel, header.number, expiries).commit([]);
  await store.commit({
    block,
    transactions,
    updates: [...updates, ...expiries],
    writes: [],
    privateChanges,
    commitHash,
  });
  channel.configure(config, header.number);
  log.info('configured', { channel: channel.name, block: header.number, sequence: config.sequence });
  feed.committed(block, []);
}
