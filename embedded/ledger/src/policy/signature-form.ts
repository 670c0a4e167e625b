import { type Policy } from './policy-manager.js';
import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** Satisfied by nobody. */
const unsatisfiable: SignaturePolicy = { principals: [], rule: { n: 1, rules: [] } };

/** A policy of a channel's configuration as one signature policy: so many of those below it, each of its own principals. */
export function signatureFormOf(policy: Policy): SignaturePolicy {
  if (policy.signature !== undefined) return policy.signature;
  if (policy.meta === undefined) return unsatisfiable;
  const principals: Principal[] = [];
  const rules: Rule[] = [];
  for (const below of policy.meta.subPolicies.map(signatureFormOf)) {
    rules.push(shifted(below.rule, principals.length));
    principals.push(...below.principals);
  }
  return { principals, rule: { n: policy.meta.threshold, rules } };
}

const shifted = (rule: Rule, by: number): Rule =>
  'signedBy' in rule
    ? { signedBy: rule.signedBy + by }
    : { n: rule.n, rules: rule.rules.map((each) => shifted(each, by)) };
