import { type Identity, type NodeRole } from './msp/identity.js';
import { type MspManager } from './msp/msp-manager.js';
import { isSignedBy } from './crypto/signatures.js';
import { type CommittedChaincodes } from './lifecycle/committed-chaincodes.js';
import { type ChannelStore } from './store/channel-store.js';
import { type CommitFeed } from './commit-feed.js';

/** What all nodes of a channel share: members, chaincodes, and the committed ledger. */
export interface Channel {
  readonly name: string;
  /** Application organisations. */
  readonly organizations: readonly string[];
  readonly members: MspManager;
  /** What its state defines. */
  readonly chaincodes: CommittedChaincodes;
  readonly store: ChannelStore;
  readonly feed: CommitFeed;
}

/** Why somebody may not use a channel. */
export class AccessDeniedError extends Error {}

/** Roles in an organisation that satisfy its part of a channel's policies. */
const rolesOf = {
  Readers: ['client', 'admin', 'peer'],
  Writers: ['client', 'admin'],
} as const satisfies Record<string, readonly NodeRole[]>;
export type ChannelPolicy = keyof typeof rolesOf;

/**
 * The channel's Readers and Writers policies: the signature must be of a valid identity of one of its organisations, in
 * a role that reads or writes.
 * @throws {@link AccessDeniedError} in Fabric's words.
 */
export function checkMember(
  channel: Channel,
  policy: ChannelPolicy,
  signed: { identity: Buffer; data: Buffer; signature: Buffer },
): Identity {
  const denied = () =>
    new AccessDeniedError(
      `implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the '${policy}' sub-policies to be satisfied`,
    );
  const identity = channel.members.find(signed.identity);
  const roles: readonly (NodeRole | undefined)[] = rolesOf[policy];
  if (identity === undefined || !roles.includes(identity.role)) throw denied();
  if (!isSignedBy(identity, signed.data, signed.signature)) throw denied();
  return identity;
}

/** As {@link checkMember}, with the words of a peer's access control. */
export function checkAccess(
  channel: Channel,
  policy: ChannelPolicy,
  signed: Parameters<typeof checkMember>[2],
): Identity {
  try {
    return checkMember(channel, policy, signed);
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    throw new AccessDeniedError(
      `Failed evaluating policy on signed data during check policy on channel [${channel.name}] with policy [/Channel/Application/${policy}]: [${error.message}]`,
    );
  }
}
