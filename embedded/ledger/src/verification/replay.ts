import { type Channel } from '../channel.js';
import { commitBlock } from '../committer/committer.js';
import { commitConfiguration } from '../committer/config-committer.js';
import { ChannelConfig } from '../config/channel-config.js';
import { isConfigBlock } from '../config/config-block.js';
import { checkTransition } from '../config/config-transition.js';
import { applyUpdate } from '../config/config-update.js';
import { type MspCache } from '../config/msp-cache.js';
import { reasonOf } from '../errors.js';
import { silentLog } from '../log.js';
import { type LedgerBlock } from '../store/block.js';
import { describeKey } from '../store/derived-keys.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { blockMetadataIndex, Envelope, Metadata } from '../wire/common.js';
import { Config, ConfigEnvelope, ConfigUpdateEnvelope } from '../wire/config.js';
import { BrokenChannelError } from './chain.js';

/** Metadata that the committer adds to what the orderer has signed. */
const addedByCommitter: readonly number[] = [
  blockMetadataIndex.transactionsFilter,
  blockMetadataIndex.commitHash,
];

/**
 * Validates and commits a block anew, on a channel that has come to the block before, as it was committed at first.
 * @throws {@link BrokenChannelError} if that comes to other validation flags or another commit hash.
 */
export async function replayBlock(block: LedgerBlock, onto: Channel, msps: MspCache): Promise<void> {
  const { header, envelopes, metadata } = block;
  const ordered = metadata.map((slot, index) => (addedByCommitter.includes(index) ? Buffer.alloc(0) : slot));
  const anew = { header, envelopes, metadata: ordered };
  if (isConfigBlock(block))
    await commitConfiguration(onto, anew, await nextConfig(block, onto, msps), silentLog);
  else await commitBlock(onto, anew, silentLog);
  const flag = firstDifference(
    metadata[blockMetadataIndex.transactionsFilter],
    ordered[blockMetadataIndex.transactionsFilter],
  );
  if (flag !== undefined)
    throw new BrokenChannelError(
      `transaction ${flag.at} has validation code ${flag.found}, and validates to ${flag.expected}`,
      header.number,
    );
  const { value } = Metadata.decode(metadata[blockMetadataIndex.commitHash] ?? Buffer.alloc(0));
  if (!value.equals(onto.store.commitHash))
    throw new BrokenChannelError('its commit hash is not that of its changes', header.number);
}

/**
 * The configuration in a block, once the update that it came from has been applied anew.
 * @throws {@link BrokenChannelError} if that is not authorised, or comes to another configuration.
 */
async function nextConfig(block: LedgerBlock, onto: Channel, msps: MspCache): Promise<ChannelConfig> {
  try {
    const { policies } = onto.config;
    const result = openEnvelope(block.envelopes[0] ?? Buffer.alloc(0));
    const { config, lastUpdate } = ConfigEnvelope.decode(result.data);
    const update = openEnvelope(Envelope.encode(lastUpdate ?? {}));
    for (const { envelope, signatureHeader } of [update, result])
      policies.evaluate('/Channel/Writers', [
        { identity: signatureHeader.creator, data: envelope.payload, signature: envelope.signature },
      ]);
    const applied = applyUpdate(onto.config, ConfigUpdateEnvelope.decode(update.data));
    if (!Config.encode(applied).equals(Config.encode(config ?? {})))
      throw new Error('it is not what its update makes of the one before');
    const next = await ChannelConfig.open(onto.name, applied, msps);
    checkTransition(onto.config, next);
    return next;
  } catch (error) {
    throw new BrokenChannelError(`its configuration: ${reasonOf(error)}`, block.header.number);
  }
}

function firstDifference(found: Buffer | undefined, expected: Buffer | undefined) {
  const at = expected?.findIndex((code, index) => code !== found?.[index]) ?? -1;
  return at < 0 ? undefined : { at, found: String(found?.[at]), expected: String(expected?.[at]) };
}

/**
 * Compares what two stores say besides blocks, entry by entry: the one that is kept, and the one that its blocks come to.
 * @throws {@link BrokenChannelError} at the first entry that differs.
 */
export async function requireEqual(kept: Channel, replayed: Channel): Promise<void> {
  const left = kept.store.derived();
  const right = replayed.store.derived();
  try {
    for (;;) {
      const [found, expected] = await Promise.all([left.next(), right.next()]);
      if (found.done === true && expected.done === true) return;
      const difference = differenceOf(
        found.done === true ? undefined : found.value,
        expected.done === true ? undefined : expected.value,
      );
      if (difference !== undefined) throw new BrokenChannelError(difference);
    }
  } finally {
    await left.return();
    await right.return();
  }
}

type Entry = readonly [Buffer, Buffer];

/** In words; undefined for no difference. The end of a store comes after all of its entries. */
function differenceOf(found: Entry | undefined, expected: Entry | undefined): string | undefined {
  const order =
    found && expected ? found[0].compare(expected[0]) : Number(found === undefined) - Number(!expected);
  if (found && order < 0) return `${describeKey(found[0])} is there, and no block wrote it`;
  if (expected && order > 0) return `${describeKey(expected[0])} is missing`;
  return found && expected && !found[1].equals(expected[1])
    ? `${describeKey(found[0])} is not what its blocks wrote`
    : undefined;
}
