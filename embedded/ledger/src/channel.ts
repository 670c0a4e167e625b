import { type ChaincodeDefinition } from './network.js';
import { type Identity } from './msp/identity.js';
import { type MspManager } from './msp/msp-manager.js';
import { isSignedBy } from './crypto/signatures.js';
import { type SignaturePolicy } from './policy/signature-policy.js';
import { type ChannelStore } from './store/channel-store.js';
import { type CommitFeed } from './commit-feed.js';

/** A chaincode as a channel has agreed on it. */
export interface ChannelChaincode extends Omit<ChaincodeDefinition, 'endorsement'> {
  readonly name: string;
  readonly endorsement: SignaturePolicy;
}

/** What all nodes of a channel share: members, chaincodes, and the committed ledger. */
export interface Channel {
  readonly name: string;
  /** Application organisations. */
  readonly organizations: readonly string[];
  readonly members: MspManager;
  readonly chaincodes: ReadonlyMap<string, ChannelChaincode>;
  readonly store: ChannelStore;
  readonly feed: CommitFeed;
}

/** Why somebody may not use a channel. */
export class AccessDeniedError extends Error {}

/**
 * The channel's Readers and Writers policies, which any member satisfies: the signature must be of a valid identity of one
 * of its organisations.
 * @throws {@link AccessDeniedError} in Fabric's words.
 */
export function checkMember(
  channel: Channel,
  policy: 'Readers' | 'Writers',
  signed: { identity: Buffer; data: Buffer; signature: Buffer },
): Identity {
  const denied = () =>
    new AccessDeniedError(
      `implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the '${policy}' sub-policies to be satisfied`,
    );
  let identity: Identity;
  try {
    identity = channel.members.deserialize(signed.identity);
  } catch {
    throw denied();
  }
  if (identity.invalid !== undefined || !isSignedBy(identity, signed.data, signed.signature)) throw denied();
  return identity;
}

/** As {@link checkMember}, with the words of a peer's access control. */
export function checkReader(channel: Channel, signed: Parameters<typeof checkMember>[2]): Identity {
  try {
    return checkMember(channel, 'Readers', signed);
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    throw new AccessDeniedError(
      `Failed evaluating policy on signed data during check policy on channel [${channel.name}] with policy [/Channel/Application/Readers]: [${error.message}]`,
    );
  }
}
