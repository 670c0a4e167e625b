import { type MspManager } from '../msp/msp-manager.js';
import { CollectionConfigPackage, type StaticCollectionConfig } from '../wire/collections.js';
import {
  type MspPrincipal,
  MspRole,
  OrganizationUnit,
  principalClass,
  type SignatureRule,
} from '../wire/policy.js';
import { type Decoded } from '../wire/message.js';

const namePattern = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;

/**
 * The collections of a `CollectionConfigPackage`, if a chaincode may have them.
 * @throws in Fabric's words.
 */
export function checkCollections(bytes: Buffer, members: MspManager): StaticCollectionConfig[] {
  const collections = CollectionConfigPackage.decode(bytes).config.map(({ staticCollectionConfig }) => {
    if (staticCollectionConfig === undefined) throw new Error('collection configuration is empty');
    return staticCollectionConfig;
  });
  const names = new Set<string>();
  for (const collection of collections) {
    const { name, maximumPeerCount: most, requiredPeerCount: required } = collection;
    if (!namePattern.test(name))
      throw new Error(
        `invalid collection name '${name}'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'`,
      );
    const subject = `collection-name: ${name} --`;
    if (names.has(name)) throw new Error(`${subject} found duplicate in collection configuration`);
    names.add(name);
    if (most < required)
      throw new Error(
        `${subject} maximum peer count (${most}) cannot be less than the required peer count (${required})`,
      );
    if (required < 0) throw new Error(`${subject} requiredPeerCount (${required}) cannot be less than zero`);
    checkMembers(collection, members);
  }
  return collections;
}

/** Whose data it is: any of some organisations, each of the channel. */
function checkMembers({ name, memberOrgsPolicy }: StaticCollectionConfig, members: MspManager): void {
  if (memberOrgsPolicy === undefined)
    throw new Error(`collection member policy is not set for collection '${name}'`);
  const policy = memberOrgsPolicy.signaturePolicy;
  if (policy?.rule === undefined)
    throw new Error(`collection member org policy is empty for collection '${name}'`);
  const subject = `collection-name: ${name} --`;
  const most = conjunctionIn(policy.rule);
  if (most !== undefined)
    throw new Error(
      `${subject} error in member org policy: signature policy is not an OR concatenation, NOutOf ${most}`,
    );
  for (const principal of policy.identities) {
    const mspId = organizationOf(principal);
    if (mspId !== undefined && !members.mspIds.includes(mspId))
      throw new Error(`${subject} collection member '${mspId}' is not part of the channel`);
    if (mspId === undefined && members.find(principal.principal) === undefined)
      throw new Error(`${subject} contains an identity that is not part of the channel`);
  }
}

/** How many of its rules a gate asks for, if that is not one. */
function conjunctionIn({ nOutOf }: SignatureRule): number | undefined {
  if (nOutOf === undefined) return undefined;
  if (nOutOf.n !== 1) return nOutOf.n;
  for (const rule of nOutOf.rules) {
    const found = conjunctionIn(rule);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The organisation of a role or unit; undefined for an identity. */
function organizationOf({
  principalClassification: classification,
  principal,
}: Decoded<typeof MspPrincipal>): string | undefined {
  if (classification === principalClass.role) return MspRole.decode(principal).mspIdentifier;
  if (classification === principalClass.organizationUnit)
    return OrganizationUnit.decode(principal).mspIdentifier;
  return undefined;
}

/**
 * Collections stay: a later definition has those of the one before, and keeps their data as long.
 * @throws in Fabric's words.
 */
export function checkKeptCollections(proposed: readonly StaticCollectionConfig[], committed: Buffer): void {
  const kept = CollectionConfigPackage.decode(committed).config;
  if (kept.length > 0 && proposed.length === 0)
    throw new Error('the proposed collection config does not contain previously defined collections');
  for (const { staticCollectionConfig } of kept) {
    if (staticCollectionConfig === undefined) throw new Error('unknown collection configuration type');
    const { name, blockToLive } = staticCollectionConfig;
    const found = proposed.find((collection) => collection.name === name);
    if (found === undefined)
      throw new Error(`existing collection [${name}] missing in the proposed collection configuration`);
    if (found.blockToLive !== blockToLive)
      throw new Error(
        `the BlockToLive in an existing collection [${name}] modified. Existing value [${blockToLive}]`,
      );
  }
}
