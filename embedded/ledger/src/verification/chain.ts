import { isSignedBy } from '../crypto/signatures.js';
import { reasonOf } from '../errors.js';
import { type MspManager } from '../msp/msp-manager.js';
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

/** A channel's blocks from `first` on, each checked: it follows the one before, holds the data its header says, and the
 * orderer signed it. @throws {@link BrokenChannelError} at the first that does not.
 */
export async function* checkedBlocks(
  store: ChannelStore,
  orderers: MspManager,
): AsyncGenerator<LedgerBlock, void> {
  let previous: Buffer = Buffer.alloc(0);
  const { height } = store;
  for (let number = 0; number < height; number += 1) {
    const block = await store.block(number).catch((error: unknown) => {
      throw new BrokenChannelError(reasonOf(error), number);
    });
    const reason = reasonBroken(block, number, previous, orderers);
    if (reason !== undefined) throw new BrokenChannelError(reason, number);
    previous = headerHash(block.header);
    yield block;
  }
}

function reasonBroken(
  block: LedgerBlock,
  number: number,
  previous: Buffer,
  orderers: MspManager,
): string | undefined {
  const { header, envelopes, metadata } = block;
  if (header.number !== number) return `it says it is block ${header.number}`;
  if (!header.previousHash.equals(previous)) return 'it does not follow the block before';
  if (!dataHash(envelopes).equals(header.dataHash)) return 'its transactions are not those of its header';
  if (metadata[blockMetadataIndex.transactionsFilter]?.length !== envelopes.length)
    return 'its validation flags do not match its transactions';
  if (number > 0 && !isSignedByOrderer(block, orderers)) return 'no orderer signed it';
  return undefined;
}

function isSignedByOrderer({ header, metadata }: LedgerBlock, orderers: MspManager): boolean {
  const { value, signatures } = Metadata.decode(metadata[blockMetadataIndex.signatures] ?? Buffer.alloc(0));
  return signatures.some(({ signatureHeader, signature }) => {
    try {
      const identity = orderers.deserialize(SignatureHeader.decode(signatureHeader).creator);
      return (
        identity.role === 'orderer' &&
        isSignedBy(identity, signedBlockBytes(value, signatureHeader, header), signature)
      );
    } catch {
      return false;
    }
  });
}
