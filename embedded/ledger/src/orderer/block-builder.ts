import { randomBytes } from 'node:crypto';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { noBytes } from '../wire/message.js';
import { dataHash, headerBytes } from '../store/block.js';
import {
  blockMetadataCount,
  blockMetadataIndex,
  LastConfig,
  Metadata,
  OrdererBlockMetadata,
  SignatureHeader,
  type BlockHeader,
} from '../wire/common.js';

/** An ordered block, signed by the orderer and not yet validated. */
export interface OrderedBlock {
  readonly header: BlockHeader;
  readonly envelopes: readonly Buffer[];
  readonly metadata: Buffer[];
}

/** What an orderer signs of a block: its metadata value, the signature's header, and the block's header. */
export const signedBlockBytes = (value: Buffer, signatureHeader: Buffer, header: BlockHeader): Buffer =>
  Buffer.concat([value, signatureHeader, headerBytes(header)]);

/** Puts envelopes into the next block of the chain and signs it. */
export function buildBlock(
  signer: SigningIdentity,
  number: number,
  previousHash: Buffer,
  envelopes: readonly Buffer[],
  lastConfig: number,
): OrderedBlock {
  const header = { number, previousHash, dataHash: dataHash(envelopes) };
  const value = OrdererBlockMetadata.encode({
    lastConfig: { index: lastConfig },
    consenterMetadata: Buffer.alloc(0),
  });
  const signatureHeader = SignatureHeader.encode({ creator: signer.serialized, nonce: randomBytes(24) });
  const signature = signer.sign(signedBlockBytes(value, signatureHeader, header));
  const metadata = Array.from({ length: blockMetadataCount }, () => noBytes);
  metadata[blockMetadataIndex.signatures] = Metadata.encode({
    value,
    signatures: [{ signatureHeader, signature }],
  });
  metadata[blockMetadataIndex.lastConfig] = Metadata.encode({
    value: LastConfig.encode({ index: lastConfig }),
  });
  return { header, envelopes, metadata };
}
