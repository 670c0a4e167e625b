import { X509Certificate } from 'node:crypto';
import { sha256 } from '../crypto/hash.js';
import { type NodeRole } from '../msp/identity.js';
import { SerializedIdentity } from '../wire/common.js';
import { type Decoded } from '../wire/message.js';
import {
  CombinedPrincipal,
  IdentityAnonymity,
  type MspPrincipal,
  MspRole,
  mspRoleType,
  OrganizationUnit,
  principalClass,
  SignaturePolicyEnvelope,
  type SignatureRule,
} from '../wire/policy.js';
import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

const roleNames = new Map<number, NodeRole | 'member'>(
  Object.entries(mspRoleType).map(([name, number]) => [number, name as keyof typeof mspRoleType]),
);

/** Satisfied by nobody: what Fabric makes of a principal that it cannot read. */
const nobody: Principal = { named: false };

/**
 * Reads a `common.SignaturePolicyEnvelope`.
 * @throws in Fabric's words if it is no policy.
 */
export function decodeSignaturePolicy(bytes: Uint8Array): SignaturePolicy {
  return readSignaturePolicy(SignaturePolicyEnvelope.decode(bytes));
}

/** As {@link decodeSignaturePolicy}, of an envelope that is read already. */
export function readSignaturePolicy({
  version,
  rule,
  identities,
}: Decoded<typeof SignaturePolicyEnvelope>): SignaturePolicy {
  if (version !== 0)
    throw new Error(`This evaluator only understands messages of version 0, but version was ${version}`);
  return { principals: identities.map(principalOf), rule: ruleOf(rule, identities.length) };
}

function ruleOf(rule: SignatureRule | undefined, principals: number): Rule {
  if (rule === undefined) throw new Error('Empty policy element');
  const { signedBy, nOutOf } = rule;
  if (nOutOf !== undefined)
    return { n: nOutOf.n, rules: nOutOf.rules.map((each) => ruleOf(each, principals)) };
  if (signedBy === undefined) throw new Error('Unknown type: <nil>:<nil>');
  if (signedBy < 0 || signedBy >= principals)
    throw new Error(
      `identity index out of range, requested ${signedBy}, but identities length is ${principals}`,
    );
  return { signedBy };
}

function principalOf(message: Decoded<typeof MspPrincipal>): Principal {
  try {
    return readPrincipal(message);
  } catch {
    return nobody;
  }
}

function readPrincipal({ principalClassification, principal }: Decoded<typeof MspPrincipal>): Principal {
  switch (principalClassification) {
    case principalClass.role: {
      const { mspIdentifier: mspId, role } = MspRole.decode(principal);
      const name = roleNames.get(role);
      return name === undefined ? nobody : { mspId, role: name };
    }
    case principalClass.organizationUnit: {
      const { mspIdentifier: mspId, unit, certifiersIdentifier } = OrganizationUnit.decode(principal);
      return { mspId, unit, certifiers: certifiersIdentifier };
    }
    case principalClass.identity: {
      const { mspid, idBytes } = SerializedIdentity.decode(principal);
      return { mspId: mspid, certificate: { fingerprint: sha256(new X509Certificate(idBytes).raw) } };
    }
    case principalClass.anonymity:
      return { named: IdentityAnonymity.decode(principal).anonymityType === 0 };
    case principalClass.combined: {
      const { principals } = CombinedPrincipal.decode(principal);
      return principals.length === 0 ? nobody : { all: principals.map(readPrincipal) };
    }
    default:
      return nobody;
  }
}
