import { type Channel } from './channel.js';
import { isSignedBy } from './crypto/signatures.js';
import { MspManager } from './msp/msp-manager.js';
import { type Msp } from './msp/msp.js';
import { signedBlockBytes } from './orderer/block-builder.js';
import { dataHash, headerHash, type LedgerBlock } from './store/block.js';
import { blockMetadataIndex, Metadata, SignatureHeader } from './wire/common.js';

/** What checking a channel's chain came to. */
export interface ChannelVerification {
  readonly channel: string;
  readonly blocks: number;
  /** First block that is wrong, and how; absent if all are right. */
  readonly broken?: { readonly block: number; readonly reason: string };
}

/** Checks every block: it follows the one before, holds the data its header says, and the orderer signed it. */
export async function verifyChannel({ name, store }: Channel, ordererMsp: Msp): Promise<ChannelVerification> {
  const orderers = new MspManager([ordererMsp]);
  const blocks = store.height;
  let previous = Buffer.alloc(0);
  for (let number = 0; number < blocks; number += 1) {
    const reason = await store
      .block(number)
      .then((block) => reasonBroken(block, number, previous, orderers))
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (typeof reason === 'string') return { channel: name, blocks, broken: { block: number, reason } };
    previous = reason.hash;
  }
  return { channel: name, blocks };
}

function reasonBroken(
  block: LedgerBlock,
  number: number,
  previous: Buffer,
  orderers: MspManager,
): string | { hash: Buffer<ArrayBuffer> } {
  const { header, envelopes, metadata } = block;
  if (header.number !== number) return `it says it is block ${header.number}`;
  if (!header.previousHash.equals(previous)) return 'it does not follow the block before';
  if (!dataHash(envelopes).equals(header.dataHash)) return 'its transactions are not those of its header';
  if (metadata[blockMetadataIndex.transactionsFilter]?.length !== envelopes.length)
    return 'its validation flags do not match its transactions';
  if (number > 0 && !isSignedByOrderer(block, orderers)) return 'no orderer signed it';
  return { hash: Buffer.from(headerHash(header)) };
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
