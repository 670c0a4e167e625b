import { type Identity, type NodeRole } from '../msp/identity.js';

/** Who a signature must be of: an organisation, and a role in it or `member` for any. */
export interface Principal {
  readonly mspId: string;
  readonly role: NodeRole | 'member';
}

export type Rule = { readonly signedBy: number } | { readonly n: number; readonly rules: readonly Rule[] };

/** A signature policy: the principals, and a tree of n-out-of gates over their indexes. */
export interface SignaturePolicy {
  readonly principals: readonly Principal[];
  readonly rule: Rule;
}

export function satisfiesPrincipal(identity: Identity, principal: Principal): boolean {
  if (identity.invalid !== undefined || identity.mspId !== principal.mspId) return false;
  return principal.role === 'member' || identity.role === principal.role;
}

/**
 * True if the identities satisfy the policy. Each is used for one principal at most, taken in order: a gate counts every
 * branch that its identities can still satisfy, and a branch that fails gives back what it took.
 */
export function satisfiesPolicy(policy: SignaturePolicy, identities: readonly Identity[]): boolean {
  const evaluate = (rule: Rule, used: boolean[]): boolean => {
    if ('signedBy' in rule) {
      const principal = policy.principals[rule.signedBy];
      if (principal === undefined) return false;
      const index = identities.findIndex(
        (identity, position) => used[position] !== true && satisfiesPrincipal(identity, principal),
      );
      if (index < 0) return false;
      used[index] = true;
      return true;
    }
    let verified = 0;
    for (const branch of rule.rules) {
      const attempt = [...used];
      if (evaluate(branch, attempt)) {
        verified += 1;
        used.splice(0, used.length, ...attempt);
      }
    }
    return verified >= rule.n;
  };
  return evaluate(policy.rule, []);
}
