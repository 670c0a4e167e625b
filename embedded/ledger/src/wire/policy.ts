import {
  bytes,
  embedded,
  int32,
  later,
  message,
  type MessageType,
  presentInt32,
  repeated,
  string,
} from './message.js';

/** `common.Policy.PolicyType`. */
export const policyType = { signature: 1, msp: 2, implicitMeta: 3 } as const;

/** `common.ImplicitMetaPolicy.Rule`. */
export const implicitMetaRule = { any: 0, all: 1, majority: 2 } as const;

/** `msp.MSPPrincipal.Classification`. */
export const principalClass = {
  role: 0,
  organizationUnit: 1,
  identity: 2,
  anonymity: 3,
  combined: 4,
} as const;

/** `msp.MSPRole.MSPRoleType`. */
export const mspRoleType = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 } as const;

export const Policy = message('common.Policy', { type: int32(1), value: bytes(2) });

export const ImplicitMetaPolicy = message('common.ImplicitMetaPolicy', {
  subPolicy: string(1),
  rule: int32(2),
});

export interface SignatureRule {
  readonly signedBy: number | undefined;
  readonly nOutOf: { readonly n: number; readonly rules: SignatureRule[] } | undefined;
}
const NOutOf = message('common.SignaturePolicy.NOutOf', {
  n: int32(1),
  rules: repeated(
    2,
    later<SignatureRule>(() => SignatureRule),
  ),
});
/** `common.SignaturePolicy`: one node of the tree. */
export const SignatureRule: MessageType<SignatureRule> = message('common.SignaturePolicy', {
  signedBy: presentInt32(1),
  nOutOf: embedded(2, NOutOf),
});

export const MspPrincipal = message('msp.MSPPrincipal', { classification: int32(1), principal: bytes(2) });
export const MspRole = message('msp.MSPRole', { mspIdentifier: string(1), role: int32(2) });
export const OrganizationUnit = message('msp.OrganizationUnit', {
  mspIdentifier: string(1),
  unit: string(2),
  certifiersIdentifier: bytes(3),
});
export const IdentityAnonymity = message('msp.MSPIdentityAnonymity', { anonymityType: int32(1) });
export const CombinedPrincipal = message('msp.CombinedPrincipal', { principals: repeated(1, MspPrincipal) });

export const SignaturePolicyEnvelope = message('common.SignaturePolicyEnvelope', {
  version: int32(1),
  rule: embedded(2, SignatureRule),
  identities: repeated(3, MspPrincipal),
});
