import { type Channel } from '../channel.js';
import { RecentMap } from '../crypto/recent.js';
import { type KnownPeer } from '../gateway/known-peer.js';
import {
  endorsementGroups,
  UnsatisfiablePolicyError,
  type EndorsementGroups,
} from '../policy/endorsement-groups.js';
import { type SignaturePolicy } from '../policy/signature-policy.js';

/** Nobody knows how to endorse for the chaincode. */
export const noMetadata = (chaincode: string, channel: string): UnsatisfiablePolicyError =>
  new UnsatisfiablePolicyError(`No metadata was found for chaincode ${chaincode} in channel ${channel}`);

/** What was worked out, and what from. */
interface Worked {
  readonly policies: readonly SignaturePolicy[];
  readonly peers: readonly KnownPeer[];
  readonly able: readonly KnownPeer[];
  readonly groups: EndorsementGroups<KnownPeer>;
}

const remembered = 1_000;
/** By the chaincodes concerned. */
const worked = new WeakMap<Channel, RecentMap<string, Worked>>();

/**
 * Who can endorse what touches these chaincodes. Worked out anew only once policies or peers have changed.
 *
 * @param peers - of the channel.
 * @throws {@link UnsatisfiablePolicyError} in a peer's words.
 */
export function endorsersOf(
  channel: Channel,
  chaincodes: readonly string[],
  peers: readonly KnownPeer[],
): EndorsementGroups<KnownPeer> {
  const policies = chaincodes.map((name) => {
    const policy = channel.chaincodes.endorsementOf(name);
    if (policy === undefined) throw noMetadata(name, channel.name);
    return policy;
  });
  const able = peers.filter(({ endorser }) =>
    chaincodes.every((name) => endorser.serves(channel.name, name)),
  );
  const recent = worked.get(channel) ?? new RecentMap(remembered);
  worked.set(channel, recent);
  const name = chaincodes.join(' ');
  const last = recent.get(name);
  if (last && same(last.policies, policies) && same(last.peers, peers) && same(last.able, able))
    return last.groups;
  const groups = endorsementGroups(policies, peers, (peer) => able.includes(peer));
  recent.set(name, { policies, peers, able, groups });
  return groups;
}

const same = <T>(left: readonly T[], right: readonly T[]): boolean =>
  left.length === right.length && left.every((each, index) => each === right[index]);
