import {
  bytes,
  embedded,
  int32,
  message,
  presentInt32,
  presentString,
  recursive,
  repeated,
  string,
  type Decoded,
  type MessageType,
} from './message.js';

/** `common.Policy.PolicyType`. */
export const policyType = { signature: 1, msp: 2, implicitMeta: 3 } as const;

/** `common.ImplicitMetaPolicy.Rule`. */
export const implicitMetaRule = { any: 0, all: 1, majority: 2 } as const;

/** `MSPPrincipal.Classification`. */
export const principalClass = {
  role: 0,
  organizationUnit: 1,
  identity: 2,
  anonymity: 3,
  combined: 4,
} as const;

/** `MSPRole.MSPRoleType`. */
export const mspRoleType = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 } as const;

export const Policy = message('common.Policy', { type: int32(1), value: bytes(2) });

export const ImplicitMetaPolicy = message('common.ImplicitMetaPolicy', {
  subPolicy: string(1),
  rule: int32(2),
});

export const MspRole = message('common.MSPRole', { mspIdentifier: string(1), role: int32(2) });
export const MspPrincipal = message('common.MSPPrincipal', {
  principalClassification: int32(1),
  principal: bytes(2),
});
export const OrganizationUnit = message('common.OrganizationUnit', {
  mspIdentifier: string(1),
  unit: string(2),
  certifiersIdentifier: bytes(3),
});
export const IdentityAnonymity = message('common.MSPIdentityAnonymity', { anonymityType: int32(1) });
export const CombinedPrincipal = message('common.CombinedPrincipal', {
  principals: repeated(1, MspPrincipal),
});

/** One of the two: a signature of an identity, by its index, or so many of the rules. */
export interface SignatureRule {
  readonly signedBy: number | undefined;
  readonly nOutOf: { readonly n: number; readonly rules: SignatureRule[] } | undefined;
}

export const SignatureRule: MessageType<SignatureRule> = message('common.SignaturePolicy', {
  signedBy: presentInt32(1),
  nOutOf: recursive(2, () => NOutOf),
});
const NOutOf: MessageType<{ readonly n: number; readonly rules: SignatureRule[] }> = message(
  'common.SignaturePolicy.NOutOf',
  { n: int32(1), rules: repeated(2, SignatureRule) },
);

export const SignaturePolicyEnvelope = message('common.SignaturePolicyEnvelope', {
  version: int32(1),
  rule: embedded(2, SignatureRule),
  identities: repeated(3, MspPrincipal),
});
export type SignaturePolicyEnvelope = Decoded<typeof SignaturePolicyEnvelope>;

/** A policy of its own, or the name of one in the channel's configuration. */
export const ApplicationPolicy = message('protos.ApplicationPolicy', {
  signaturePolicy: embedded(1, SignaturePolicyEnvelope),
  channelConfigPolicyReference: presentString(2),
});
