import { sha256 } from '../crypto/hash.js';
import { type BlockHeader } from '../wire/common.js';

/** A block as the committer has it: header, envelopes, and the five slots of metadata. */
export interface LedgerBlock {
  readonly header: BlockHeader;
  readonly envelopes: readonly Buffer[];
  readonly metadata: readonly Buffer[];
}

function derLength(length: number): Buffer {
  if (length < 128) return Buffer.of(length);
  return length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 255);
}

const der = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag), derLength(content.length), content]);

/** The header in the form that is hashed and signed: ASN.1 `SEQUENCE { INTEGER, OCTET STRING, OCTET STRING }`. */
export function headerBytes({ number, previousHash, dataHash }: BlockHeader): Buffer {
  const hex = number.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const integer = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return der(0x30, Buffer.concat([der(0x02, integer), der(0x04, previousHash), der(0x04, dataHash)]));
}

/** What the next block's `previousHash` must be. */
export const headerHash = (header: BlockHeader): Buffer => sha256(headerBytes(header));

/** Hash of the envelopes, which the header carries. */
export const dataHash = (envelopes: readonly Buffer[]): Buffer => sha256(...envelopes);
