import { ChannelConfig } from '../config/channel-config.js';
import { configurationIn, isConfigBlock } from '../config/config-block.js';
import { type MspCache } from '../config/msp-cache.js';
import { reasonOf } from '../errors.js';
import { signedBlockBytes } from '../orderer/block-builder.js';
import { dataHash, headerHash, type LedgerBlock } from '../store/block.js';
import { type ChannelStore } from '../store/channel-store.js';
import { blockMetadataIndex, Metadata, SignatureHeader } from '../wire/common.js';

/** What is wrong with a channel. */
export class BrokenChannelError extends Error {
  constructor(
    message: string,
    /** The block that is wrong; absent if it is not one block. */
    readonly block?: number,
  ) {
    super(message);
  }
}

/** A block, and the configuration that it was written under; the first block's own. */
export interface CheckedBlock {
  readonly block: LedgerBlock;
  readonly config: ChannelConfig;
}

/**
 * A channel's blocks from the first on, each checked: it follows the one before, holds the data its header says, and those
 * have signed it who must.
 * @throws {@link BrokenChannelError} at the first that does not.
 */
export async function* checkedBlocks(
  channel: string,
  store: ChannelStore,
  msps: MspCache,
): AsyncGenerator<CheckedBlock, void> {
  let previous: Buffer = Buffer.alloc(0);
  let config: ChannelConfig | undefined;
  const { height } = store;
  for (let number = 0; number < height; number += 1) {
    try {
      const block = await store.block(number);
      checkLink(block, number, previous);
      const next = isConfigBlock(block) ? await configOf(channel, block, msps) : config;
      config ??= next;
      if (config === undefined) throw new Error('it is no configuration');
      if (number > 0) checkSigned(block, config);
      yield { block, config };
      previous = headerHash(block.header);
      config = next;
    } catch (error) {
      throw error instanceof BrokenChannelError ? error : new BrokenChannelError(reasonOf(error), number);
    }
  }
}

const configOf = (channel: string, block: LedgerBlock, msps: MspCache): Promise<ChannelConfig> =>
  ChannelConfig.open(channel, configurationIn(block).config, msps);

function checkLink({ header, envelopes, metadata }: LedgerBlock, number: number, previous: Buffer): void {
  if (header.number !== number) throw new Error(`it says it is block ${header.number}`);
  if (!header.previousHash.equals(previous)) throw new Error('it does not follow the block before');
  if (!dataHash(envelopes).equals(header.dataHash))
    throw new Error('its transactions are not those of its header');
  if (metadata[blockMetadataIndex.transactionsFilter]?.length !== envelopes.length)
    throw new Error('its validation flags do not match its transactions');
}

function checkSigned({ header, metadata }: LedgerBlock, { policies }: ChannelConfig): void {
  const { value, signatures } = Metadata.decode(metadata[blockMetadataIndex.signatures] ?? Buffer.alloc(0));
  const signed = signatures.map(({ signatureHeader, signature }) => ({
    identity: SignatureHeader.decode(signatureHeader).creator,
    data: signedBlockBytes(value, signatureHeader, header),
    signature,
  }));
  try {
    policies.evaluate('/Channel/Orderer/BlockValidation', signed);
  } catch (error) {
    throw new Error('no orderer signed it', { cause: error });
  }
}
