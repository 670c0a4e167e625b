import {
  ApplicationPolicy,
  MspRole,
  mspRoleType,
  principalClass,
  type SignaturePolicyEnvelope,
  type SignatureRule,
} from '../wire/policy.js';
import { readSignaturePolicy } from './policy-bytes.js';
import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** Policies of a channel's configuration, by their full names. */
export type ChannelPolicies = (reference: string) => SignaturePolicy | undefined;

/**
 * The policy that an `ApplicationPolicy` stands for.
 * @throws if it cannot be read, or names a policy that the channel's configuration does not have.
 */
export function readApplicationPolicy(bytes: Buffer, policies: ChannelPolicies): SignaturePolicy {
  const { signaturePolicy, channelConfigPolicyReference } = ApplicationPolicy.decode(bytes);
  if (signaturePolicy !== undefined) return readSignaturePolicy(signaturePolicy);
  if (channelConfigPolicyReference === undefined) throw new Error('unsupported policy type');
  const found = policies(channelConfigPolicyReference);
  if (found === undefined)
    throw new Error(`the channel's configuration has no policy ${channelConfigPolicyReference}`);
  return found;
}

/** A policy as an `ApplicationPolicy`. */
export const encodeApplicationPolicy = (policy: SignaturePolicy): Buffer =>
  ApplicationPolicy.encode({ signaturePolicy: signaturePolicyEnvelope(policy) });

/** A policy as a `SignaturePolicyEnvelope`. */
export const signaturePolicyEnvelope = ({ principals, rule }: SignaturePolicy): SignaturePolicyEnvelope => ({
  version: 0,
  rule: writeRule(rule),
  identities: principals.map(writePrincipal),
});

function writePrincipal(principal: Principal) {
  if (!('role' in principal)) throw new Error('only roles can be written');
  const { mspId, role } = principal;
  return {
    principalClassification: principalClass.role,
    principal: MspRole.encode({ mspIdentifier: mspId, role: mspRoleType[role] }),
  };
}

function writeRule(rule: Rule): SignatureRule {
  return 'signedBy' in rule
    ? { signedBy: rule.signedBy, nOutOf: undefined }
    : { signedBy: undefined, nOutOf: { n: rule.n, rules: rule.rules.map(writeRule) } };
}
