import { type Channel } from '../channel.js';
import { RecentMap } from '../crypto/recent.js';
import { type KnownPeer } from '../gateway/known-peer.js';
import { type Identity } from '../msp/identity.js';
import { endorsementGroups, type EndorsementGroups } from '../policy/endorsement-groups.js';
import { satisfiesPrincipal, type SignaturePolicy } from '../policy/signature-policy.js';
import { needOf, type Concern, type EndorsementNeed } from './concerns.js';

/** What was worked out, and what from. */
interface Worked {
  readonly policies: readonly SignaturePolicy[];
  readonly peers: readonly KnownPeer[];
  readonly able: readonly KnownPeer[];
  readonly groups: EndorsementGroups<KnownPeer>;
}

const remembered = 1_000;
/** By what is concerned. */
const worked = new WeakMap<Channel, RecentMap<string, Worked>>();

/**
 * Who can endorse what these concern. Worked out anew only once policies or peers have changed.
 *
 * @param peers - of the channel.
 * @throws {@link UnsatisfiablePolicyError} in a peer's words.
 */
export function endorsersOf(
  channel: Channel,
  concerns: readonly Concern[],
  peers: readonly KnownPeer[],
): EndorsementGroups<KnownPeer> {
  const { policies, eligible } = needOf(channel, concerns);
  const chaincodes = [...new Set(concerns.map(({ namespace }) => namespace))];
  const members = peers.filter(({ identity }) => mayKnow(identity, eligible));
  const able = members.filter(({ endorser }) =>
    chaincodes.every((name) => endorser.serves(channel.name, name)),
  );
  const recent = worked.get(channel) ?? new RecentMap(remembered);
  worked.set(channel, recent);
  const name = JSON.stringify(concerns.map(({ keyPolicies, ...rest }) => [rest, keyPolicies.length]));
  const last = recent.get(name);
  if (last && same(last.policies, policies) && same(last.peers, members) && same(last.able, able))
    return last.groups;
  const groups = endorsementGroups(policies, members, (peer) => able.includes(peer));
  recent.set(name, { policies, peers: members, able, groups });
  return groups;
}

/** Whether a peer may have the data of all collections that a transaction needs. */
export const mayKnow = (peer: Identity, eligible: EndorsementNeed['eligible']): boolean =>
  eligible.every((principals) => principals.some((principal) => satisfiesPrincipal(peer, principal)));

const same = <T>(left: readonly T[], right: readonly T[]): boolean =>
  left.length === right.length && left.every((each, index) => each === right[index]);
