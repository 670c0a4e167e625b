/** What is sealed for a person whose keys are kept: keys as PKCS #8 in PEM. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { chainAddressOf, type LedgerIdentity } from '../ledger/index.js';

/** Keys that act, or are to act, for a person. */
export const personKeys = z.strictObject({
  mspId: z.string(),
  certificate: z.string(),
  signingKey: z.string(),
  encryptionKey: z.string(),
});
export type PersonKeys = z.infer<typeof personKeys>;

export const personRecord = personKeys.extend({
  /** Thumbprints of the encryption keys that this one followed, newest first; see `FormerKeys`. */
  formerEncryptionKeys: z.array(z.string()).optional(),
  /** Name in the store under which the first keys were made, and stay until they are discarded. */
  enrolledAs: z.string().optional(),
});
export type PersonRecord = z.infer<typeof personRecord>;

/** Keys of a person, ready for use. */
export interface Person {
  readonly identity: LedgerIdentity;
  /** Newest first. */
  readonly decryptionKeys: readonly [KeyObject, ...KeyObject[]];
}

/** @param former - Decryption keys that others followed, newest first. */
export function personOf(record: PersonRecord, former: readonly KeyObject[] = []): Person {
  const { mspId, certificate, signingKey, encryptionKey } = record;
  const privateKey = createPrivateKey(signingKey);
  return {
    identity: { mspId, certificate, privateKey, address: chainAddressOf(privateKey) },
    decryptionKeys: [createPrivateKey(encryptionKey), ...former],
  };
}

/** The record once other keys have followed. @param thumbprint - Of the encryption key that goes. */
export function followedBy(
  { formerEncryptionKeys = [], enrolledAs }: PersonRecord,
  thumbprint: string,
  next: PersonKeys,
): PersonRecord {
  return { ...next, enrolledAs, formerEncryptionKeys: [thumbprint, ...formerEncryptionKeys] };
}
