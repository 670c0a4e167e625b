import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** Principals whose signatures together satisfy a policy; one that is there twice must sign twice. */
export type PrincipalSet = readonly Principal[];

const mostSets = 10_000;

/** Names a principal: equal for principals that are equal. */
export const principalKey = (principal: Principal): string => JSON.stringify(principal);

/** Every way to satisfy a policy. */
export function principalSets(policy: SignaturePolicy): PrincipalSet[] {
  return setsOf(policy, policy.rule).filter((set) => set.length > 0);
}

function setsOf({ principals }: SignaturePolicy, rule: Rule): PrincipalSet[] {
  const walk = (inner: Rule): PrincipalSet[] => {
    if ('signedBy' in inner) {
      const principal = principals[inner.signedBy];
      return principal === undefined ? [] : [[principal]];
    }
    return combinations(inner.rules.map(walk), inner.n);
  };
  return walk(rule);
}

/** Every union of one set from each of `n` different branches. */
function combinations(branches: readonly PrincipalSet[][], n: number): PrincipalSet[] {
  if (n <= 0) return [[]];
  const [first, ...rest] = branches;
  if (first === undefined || branches.length < n) return [];
  const with1 = first.flatMap((set) => combinations(rest, n - 1).map((other) => [...set, ...other]));
  return [...with1, ...combinations(rest, n)].slice(0, mostSets);
}

/** Who satisfies `principal` satisfies `other` as well. */
function isA(principal: Principal, other: Principal): boolean {
  if (!('mspId' in principal) || !('mspId' in other) || principal.mspId !== other.mspId) return false;
  return ('role' in other && other.role === 'member') || principalKey(principal) === principalKey(other);
}

/** Every principal of `inner` is one that somebody of `outer` is anyway. */
const isContained = (inner: PrincipalSet, outer: PrincipalSet): boolean =>
  inner.every((principal) => outer.some((candidate) => isA(candidate, principal)));

/** `outer`, and what of `inner` nobody in it stands for already. */
function union(inner: PrincipalSet, outer: PrincipalSet): PrincipalSet {
  const free = [...outer];
  const added = inner.filter((principal) => {
    const index = free.findIndex((candidate) => isA(candidate, principal));
    if (index < 0) return true;
    free.splice(index, 1);
    return false;
  });
  return [...outer, ...added];
}

/** Ways to satisfy two policies at once, without those that ask for more than another way does. */
export function mergeSets(left: readonly PrincipalSet[], right: readonly PrincipalSet[]): PrincipalSet[] {
  const merged: PrincipalSet[] = [];
  const absorbed = new Set<PrincipalSet>();
  const absorb = (inner: readonly PrincipalSet[], outer: readonly PrincipalSet[]) => {
    for (const small of inner)
      for (const large of outer)
        if (isContained(small, large)) {
          merged.push(union(small, large));
          absorbed.add(small).add(large);
        }
  };
  absorb(left, right);
  absorb(
    right,
    left.filter((set) => !absorbed.has(set)),
  );
  for (const one of left)
    for (const other of right)
      if (!absorbed.has(one) && !absorbed.has(other) && merged.length < mostSets)
        merged.push(union(one, other));
  return withoutSupersets(merged);
}

function withoutSupersets(sets: readonly PrincipalSet[]): PrincipalSet[] {
  const keys = sets.map((set) => new Set(set.map(principalKey)));
  const isPart = (small: ReadonlySet<string>, large: ReadonlySet<string>) =>
    [...small].every((key) => large.has(key));
  return sets.filter((_, index) => {
    const own = keys[index] ?? new Set();
    return !keys.some(
      (other, at) => at !== index && isPart(other, own) && (at < index || !isPart(own, other)),
    );
  });
}
