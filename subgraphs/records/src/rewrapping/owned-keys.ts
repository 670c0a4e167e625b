/** Keys on the ledger that are wrapped for one owner, whatever they open, and how the owner asks for them. */
import { type KeyObject } from 'node:crypto';
import { KeyUnwrapError, unwrapWithAny } from '@medigraph/platform/envelope';
import { type SubgraphServices } from '@medigraph/platform/graph';
import { type Caller } from '@medigraph/platform/identity';
import { type LedgerIdentity } from '@medigraph/platform/ledger';
import { primitives } from '@medigraph/schema';
import { type RotationDocument } from './key-rotations.js';

/** A key, as it is wrapped now. */
export interface OwnedKey {
  readonly key: string;
}

/** One kind of keys. */
export interface KeySource<Key extends OwnedKey = OwnedKey> {
  /** All of an owner's, page by page. */
  pagesOf(owner: RotationDocument): AsyncGenerator<readonly Key[]>;
  /** What is in a key, if one of these opens it. */
  open(key: Key, privateKeys: readonly KeyObject[]): Promise<Uint8Array | undefined>;
  /** Puts these in the place of those there are. @param left - How many more there are to be replaced. */
  replace(owner: RotationDocument, keys: readonly Key[], left: number): Promise<void>;
}

export const isPerson = (owner: string): boolean => primitives.chainAddress.safeParse(owner).success;

/** What tells a contract that an institution asks, and not the person who signs. */
export const institutionOf = ({ _id }: RotationDocument): { institution?: string } =>
  isPerson(_id) ? {} : { institution: _id };

/** Who signs for an owner whose keys are kept here. */
export function signerOf(
  custody: SubgraphServices['custody'],
  { _id, mspId }: RotationDocument,
): Promise<LedgerIdentity> {
  if (!isPerson(_id)) return custody.organization(mspId);
  const caller: Caller = {
    subject: _id,
    role: 'patient',
    mspId,
    patient: _id,
    scopes: new Set(),
    expiresAt: 0,
  };
  return custody.signerFor(caller);
}

/** A content key, if one of these opens it. */
export async function openContentKey(
  envelopes: SubgraphServices['envelopes'],
  { key }: OwnedKey,
  privateKeys: readonly KeyObject[],
): Promise<Uint8Array | undefined> {
  try {
    return await unwrapWithAny(envelopes, key, privateKeys);
  } catch (error) {
    if (error instanceof KeyUnwrapError) return undefined;
    throw error;
  }
}
