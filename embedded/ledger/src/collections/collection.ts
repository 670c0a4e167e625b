import { readApplicationPolicy, type ChannelPolicies } from '../policy/application-policy.js';
import { readSignaturePolicy } from '../policy/policy-bytes.js';
import { organizationsNamed, type SignaturePolicy } from '../policy/signature-policy.js';
import { ApplicationPolicy } from '../wire/policy.js';
import { CollectionConfigPackage, type StaticCollectionConfig } from '../wire/collections.js';

/** A private data collection of a chaincode, as the channel has agreed on it. */
export interface Collection {
  readonly name: string;
  /** Whose clients are members. */
  readonly members: SignaturePolicy;
  /** Whose peers keep the data, by MSP id. */
  readonly memberOrganizations: ReadonlySet<string>;
  /** Peers besides the endorsing one that must be given the data for it to endorse. */
  readonly requiredPeers: number;
  /** Peers that it is given to at most when it is endorsed. */
  readonly maxPeers: number;
  /** Blocks for which data is kept after the one that wrote it; 0 for ever. */
  readonly blockToLive: number;
  /** Whether only members' clients may read and write it through the chaincode. */
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  /** Who must endorse writes; if there is none, the chaincode's policy decides. */
  readonly endorsement: SignaturePolicy | undefined;
}

const implicitPrefix = '_implicit_org_';

/** The name of an organisation's implicit collection. */
export const implicitCollectionName = (mspId: string): string => implicitPrefix + mspId;

/** The organisation whose implicit collection this is; undefined if it is none. */
export const implicitOrganization = (collection: string): string | undefined =>
  collection.startsWith(implicitPrefix) ? collection.slice(implicitPrefix.length) : undefined;

/**
 * The collection that every chaincode has for an organisation, without being told: its own peers keep it.
 * @param endorsement - who endorses for the organisation
 */
export function implicitCollection(mspId: string, endorsement: SignaturePolicy): Collection {
  return {
    name: implicitCollectionName(mspId),
    members: memberOf(mspId),
    memberOrganizations: new Set([mspId]),
    requiredPeers: 0,
    maxPeers: 0,
    blockToLive: 0,
    memberOnlyRead: false,
    memberOnlyWrite: false,
    endorsement,
  };
}

/** What any one member of an organisation satisfies. */
export const memberOf = (mspId: string): SignaturePolicy => ({
  principals: [{ mspId, role: 'member' }],
  rule: { n: 1, rules: [{ signedBy: 0 }] },
});

/**
 * Reads the collections of a chaincode's definition; empty bytes are none.
 * @param bytes - `protos.CollectionConfigPackage`
 * @throws if a policy cannot be read.
 */
export function readCollections(bytes: Buffer, policies: ChannelPolicies): Collection[] {
  return CollectionConfigPackage.decode(bytes).config.flatMap(({ staticCollectionConfig }) =>
    staticCollectionConfig === undefined ? [] : [readCollection(staticCollectionConfig, policies)],
  );
}

function readCollection(config: StaticCollectionConfig, policies: ChannelPolicies): Collection {
  const { memberOrgsPolicy, endorsementPolicy } = config;
  const signaturePolicy = memberOrgsPolicy?.signaturePolicy;
  if (signaturePolicy === undefined) throw new Error(`collection ${config.name} has no member policy`);
  const members = readSignaturePolicy(signaturePolicy);
  return {
    name: config.name,
    members,
    memberOrganizations: organizationsNamed(members),
    requiredPeers: config.requiredPeerCount,
    maxPeers: config.maximumPeerCount,
    blockToLive: config.blockToLive,
    memberOnlyRead: config.memberOnlyRead,
    memberOnlyWrite: config.memberOnlyWrite,
    endorsement:
      endorsementPolicy && readApplicationPolicy(ApplicationPolicy.encode(endorsementPolicy), policies),
  };
}
