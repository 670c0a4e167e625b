import { type Identity, type NodeRole } from '../msp/identity.js';

/** A role in an organisation, or `member` for any. */
export interface RolePrincipal {
  readonly mspId: string;
  readonly role: NodeRole | 'member';
}

/** An organisational unit whose certificates a certain chain of authorities issues. */
export interface UnitPrincipal {
  readonly mspId: string;
  readonly unit: string;
  /** Name of that chain. */
  readonly certifiers: Buffer;
}

/** One certificate alone. */
export interface IdentityPrincipal {
  readonly mspId: string;
  readonly certificate: { readonly fingerprint: Buffer };
}

/** Who a signature must be of. */
export type Principal =
  | RolePrincipal
  | UnitPrincipal
  | IdentityPrincipal
  /** Somebody who is all of these. */
  | { readonly all: readonly Principal[] }
  /** Somebody whose name is known, which everybody's is who has a certificate; or somebody whose name is not. */
  | { readonly named: boolean };

export type Rule = { readonly signedBy: number } | { readonly n: number; readonly rules: readonly Rule[] };

/** A signature policy: the principals, and a tree of n-out-of gates over their indexes. */
export interface SignaturePolicy {
  readonly principals: readonly Principal[];
  readonly rule: Rule;
}

/** What a member each of more than half of the organisations satisfy together. */
export const membersOfMost = (mspIds: readonly string[]): SignaturePolicy => ({
  principals: mspIds.map((mspId) => ({ mspId, role: 'member' })),
  rule: { n: Math.floor(mspIds.length / 2) + 1, rules: mspIds.map((_, signedBy) => ({ signedBy })) },
});

/** MSP ids of the organisations that a policy names. */
export const organizationsNamed = ({ principals }: SignaturePolicy): ReadonlySet<string> =>
  new Set(principals.flatMap(organizationsOf));

function organizationsOf(principal: Principal): string[] {
  if ('all' in principal) return principal.all.flatMap(organizationsOf);
  return 'named' in principal ? [] : [principal.mspId];
}

export function satisfiesPrincipal(identity: Identity, principal: Principal): boolean {
  if ('all' in principal) return principal.all.every((each) => satisfiesPrincipal(identity, each));
  if ('named' in principal) return principal.named;
  if (identity.mspId !== principal.mspId) return false;
  // Fabric checks the named administrators when it sets up the organisation, and not again.
  if ('role' in principal && principal.role === 'admin' && identity.namedAdmin === true) return true;
  if (identity.invalid !== undefined) return false;
  if ('role' in principal) return principal.role === 'member' || identity.role === principal.role;
  if ('unit' in principal)
    return (
      identity.units?.includes(principal.unit) === true &&
      identity.certifiers?.equals(principal.certifiers) === true
    );
  return identity.fingerprint.equals(principal.certificate.fingerprint);
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
