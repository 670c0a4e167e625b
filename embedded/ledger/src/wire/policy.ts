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

/** `MSPPrincipal.Classification` of a role. */
export const roleClassification = 0;

export const MspRole = message('common.MSPRole', { mspIdentifier: string(1), role: int32(2) });
export const MspPrincipal = message('common.MSPPrincipal', {
  principalClassification: int32(1),
  principal: bytes(2),
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
