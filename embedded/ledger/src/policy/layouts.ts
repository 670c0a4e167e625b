import { type Identity } from '../msp/identity.js';
import { satisfiesPolicy, satisfiesPrincipal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** One peer that can endorse. */
export interface Endorsing {
  readonly mspId: string;
  readonly identity: Identity;
}

const mostLayouts = 512;

/**
 * The smallest sets of peers whose endorsements satisfy every one of the policies; none is a part of another. Found by
 * walking the policy trees, then checked by evaluating them.
 */
export function endorsementLayouts<P extends Endorsing>(
  policies: readonly SignaturePolicy[],
  peers: readonly P[],
): P[][] {
  let candidates: ReadonlySet<P>[] = [new Set<P>()];
  for (const policy of policies) candidates = product(candidates, setsFor(policy, policy.rule, peers));
  const satisfying = candidates
    .sort((a, b) => a.size - b.size)
    .filter((set) =>
      policies.every((policy) =>
        satisfiesPolicy(
          policy,
          [...set].map(({ identity }) => identity),
        ),
      ),
    );
  const minimal: ReadonlySet<P>[] = [];
  for (const set of satisfying)
    if (!minimal.some((smaller) => [...smaller].every((peer) => set.has(peer)))) minimal.push(set);
  return minimal.map((set) => [...set]);
}

function setsFor<P extends Endorsing>(
  policy: SignaturePolicy,
  rule: Rule,
  peers: readonly P[],
): ReadonlySet<P>[] {
  if ('signedBy' in rule) {
    const principal = policy.principals[rule.signedBy];
    return peers
      .filter(({ identity }) => principal !== undefined && satisfiesPrincipal(identity, principal))
      .map((peer) => new Set([peer]));
  }
  const branches = rule.rules.map((branch) => setsFor(policy, branch, peers));
  return combinations(branches, rule.n);
}

/** Every union of one set from each of `n` different branches. */
function combinations<P>(branches: readonly ReadonlySet<P>[][], n: number): ReadonlySet<P>[] {
  if (n === 0) return [new Set<P>()];
  const [first, ...rest] = branches;
  if (first === undefined || branches.length < n) return [];
  return [...product(first, combinations(rest, n - 1)), ...combinations(rest, n)].slice(0, mostLayouts);
}

function product<P>(left: readonly ReadonlySet<P>[], right: readonly ReadonlySet<P>[]): ReadonlySet<P>[] {
  const unions = left.flatMap((a) => right.map((b) => new Set([...a, ...b])));
  return unions.slice(0, mostLayouts);
}
