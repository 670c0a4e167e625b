import { common } from '@hyperledger/fabric-protos';
import { parseSignaturePolicy } from '../admin/signature-policy.js';

/** Who may change what the group holds: its own administrators. */
const modPolicy = 'Admins';

interface Serializable {
  serializeBinary(): Uint8Array;
}

/** What a part of a channel's configuration holds. */
export interface GroupContent {
  readonly values?: Readonly<Record<string, Serializable>>;
  readonly policies?: Readonly<Record<string, common.Policy>>;
  readonly groups?: Readonly<Record<string, common.ConfigGroup>>;
}

/** A value that the administrators of its group may change. */
export function configValue(value: Serializable): common.ConfigValue {
  const entry = new common.ConfigValue();
  entry.setModPolicy(modPolicy);
  entry.setValue(value.serializeBinary());
  return entry;
}

/** One part of a channel's configuration; its administrators may change every item of it. */
export function configGroup({ values = {}, policies = {}, groups = {} }: GroupContent): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy(modPolicy);
  for (const [name, value] of Object.entries(values)) group.getValuesMap().set(name, configValue(value));
  for (const [name, policy] of Object.entries(policies)) {
    const entry = new common.ConfigPolicy();
    entry.setModPolicy(modPolicy);
    entry.setPolicy(policy);
    group.getPoliciesMap().set(name, entry);
  }
  for (const [name, inner] of Object.entries(groups)) group.getGroupsMap().set(name, inner);
  return group;
}

function policyOf(type: number, value: Serializable): common.Policy {
  const policy = new common.Policy();
  policy.setType(type);
  policy.setValue(value.serializeBinary());
  return policy;
}

export function signaturePolicy(envelope: common.SignaturePolicyEnvelope): common.Policy {
  return policyOf(common.Policy.PolicyType.SIGNATURE, envelope);
}

/** One signature of the organisation in one of these roles. */
export function anyRole(mspId: string, ...roles: readonly string[]): common.Policy {
  return signaturePolicy(parseSignaturePolicy(`OR(${roles.map((role) => `'${mspId}.${role}'`).join(', ')})`));
}

/** What so many of the inner groups' policies of that name say. */
export function metaPolicy(
  rule: keyof typeof common.ImplicitMetaPolicy.Rule,
  subPolicy: string,
): common.Policy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  meta.setSubPolicy(subPolicy);
  return policyOf(common.Policy.PolicyType.IMPLICIT_META, meta);
}

/** The policies that every group of groups has. */
export const standardPolicies = (): Record<string, common.Policy> => ({
  Readers: metaPolicy('ANY', 'Readers'),
  Writers: metaPolicy('ANY', 'Writers'),
  Admins: metaPolicy('MAJORITY', 'Admins'),
});

/** Features that every node of the channel must know. */
export function capabilities(...names: readonly string[]): common.Capabilities {
  const value = new common.Capabilities();
  for (const name of names) value.getCapabilitiesMap().set(name, new common.Capability());
  return value;
}
