import { type Identity } from '../msp/identity.js';
import { mergeSets, principalKey, principalSets } from './principal-sets.js';
import { satisfiesPrincipal, type Principal, type SignaturePolicy } from './signature-policy.js';

/** One peer that can endorse. */
export interface Endorsing {
  readonly identity: Identity;
}

/** How many peers of which groups satisfy the policies together. */
export type GroupLayout = ReadonlyMap<string, number>;

/** Who can endorse: peers grouped by the principal that they satisfy, and the ways in which groups satisfy the policies. */
export interface EndorsementGroups<P> {
  readonly groups: ReadonlyMap<string, readonly P[]>;
  readonly layouts: readonly GroupLayout[];
}

/** No peers there are can endorse, in a peer's words. */
export class UnsatisfiablePolicyError extends Error {}

/**
 * Works out who can satisfy all the policies at once.
 *
 * @param peers - of the channel.
 * @param installed - whether a peer has the chaincodes concerned.
 * @throws {@link UnsatisfiablePolicyError}
 */
export function endorsementGroups<P extends Endorsing>(
  policies: readonly SignaturePolicy[],
  peers: readonly P[],
  installed: (peer: P) => boolean = () => true,
): EndorsementGroups<P> {
  const [first, ...rest] = policies.map((policy) => {
    const sets = principalSets(policy);
    if (sets.length === 0) throw new UnsatisfiablePolicyError('endorsement policy cannot be satisfied');
    if (policy.principals.some((principal) => !('mspId' in principal)))
      throw new UnsatisfiablePolicyError('failed creating a comparable principal set');
    return sets;
  });
  if (first === undefined) throw new UnsatisfiablePolicyError('no principal sets remained after filtering');
  const sets = rest.reduce(mergeSets, first);

  const principals = new Map<string, Principal>();
  for (const principal of sets.flat()) principals.set(principalKey(principal), principal);
  const names = new Map([...principals.keys()].map((key, index) => [key, `G${index}`]));
  const satisfying = new Map(
    [...principals].map(([key, principal]) => [
      names.get(key) ?? '',
      peers.filter(({ identity }) => satisfiesPrincipal(identity, principal)),
    ]),
  );
  const enough = (of: ReadonlyMap<string, readonly P[]>) => (layout: GroupLayout) =>
    [...layout].every(([group, quantity]) => (of.get(group)?.length ?? 0) >= quantity);

  const possible = sets
    .map((set) => {
      const layout = new Map<string, number>();
      for (const principal of set) {
        const group = names.get(principalKey(principal)) ?? '';
        layout.set(group, (layout.get(group) ?? 0) + 1);
      }
      return layout;
    })
    .filter(enough(satisfying));
  if (possible.length === 0)
    throw new UnsatisfiablePolicyError('no peer combination can satisfy the endorsement policy');
  const used = new Set(possible.flatMap((layout) => [...layout.keys()]));
  const groups = new Map(
    [...satisfying].flatMap(([group, members]) => {
      const able = members.filter(installed);
      return used.has(group) && able.length > 0 ? [[group, able] as const] : [];
    }),
  );
  const layouts = possible.filter(enough(groups));
  if (layouts.length === 0)
    throw new UnsatisfiablePolicyError('required chaincodes are not installed on sufficient peers');
  return { groups, layouts };
}
