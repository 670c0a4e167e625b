import { type NodeRole } from '../msp/identity.js';
import {
  ApplicationPolicy,
  MspRole,
  roleClassification,
  type SignaturePolicyEnvelope,
  type SignatureRule,
} from '../wire/policy.js';
import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** Roles by their number in `MSPRole`. */
const roles: readonly (NodeRole | 'member')[] = ['member', 'admin', 'client', 'peer', 'orderer'];

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

/** @throws if it has no rule, or a principal that is not a role. */
export function readSignaturePolicy({ rule, identities }: SignaturePolicyEnvelope): SignaturePolicy {
  if (rule === undefined) throw new Error('the policy has no rule');
  return {
    principals: identities.map(({ principalClassification, principal }): Principal => {
      if (principalClassification !== roleClassification)
        throw new Error(`principals of type ${principalClassification} are not supported`);
      const { mspIdentifier, role } = MspRole.decode(principal);
      const name = roles[role];
      if (name === undefined) throw new Error(`there is no role ${role}`);
      return { mspId: mspIdentifier, role: name };
    }),
    rule: readRule(rule),
  };
}

function readRule({ signedBy, nOutOf }: SignatureRule): Rule {
  if (nOutOf !== undefined) return { n: nOutOf.n, rules: nOutOf.rules.map(readRule) };
  if (signedBy === undefined) throw new Error('unknown type of rule in the policy');
  return { signedBy };
}

/** A policy as an `ApplicationPolicy`. */
export const encodeApplicationPolicy = (policy: SignaturePolicy): Buffer =>
  ApplicationPolicy.encode({ signaturePolicy: signaturePolicyEnvelope(policy) });

/** A policy as a `SignaturePolicyEnvelope`. */
export const signaturePolicyEnvelope = ({ principals, rule }: SignaturePolicy): SignaturePolicyEnvelope => ({
  version: 0,
  rule: writeRule(rule),
  identities: principals.map(({ mspId, role }) => ({
    principalClassification: roleClassification,
    principal: MspRole.encode({ mspIdentifier: mspId, role: roles.indexOf(role) }),
  })),
});

function writeRule(rule: Rule): SignatureRule {
  return 'signedBy' in rule
    ? { signedBy: rule.signedBy, nOutOf: undefined }
    : { signedBy: undefined, nOutOf: { n: rule.n, rules: rule.rules.map(writeRule) } };
}

/** A majority of the organisations: what a channel's Endorsement and LifecycleEndorsement policies ask for. */
export function majorityOf(organizations: readonly string[]): SignaturePolicy {
  return {
    principals: organizations.map((mspId) => ({ mspId, role: 'peer' })),
    rule: {
      n: Math.floor(organizations.length / 2) + 1,
      rules: organizations.map((_, index) => ({ signedBy: index })),
    },
  };
}
