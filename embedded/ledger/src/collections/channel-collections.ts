import { type Channel } from '../channel.js';
import { type ChannelOrganization } from '../config/channel-config.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { type SignaturePolicy } from '../policy/signature-policy.js';
import { implicitCollection, implicitOrganization, memberOf, type Collection } from './collection.js';

/** What the collections of a channel depend on. */
export type CollectionSource = Pick<Channel, 'config' | 'chaincodes' | 'organizations'>;

/** The collections that a chaincode's definition names; undefined if the channel has no such chaincode. */
function explicitCollections(
  channel: CollectionSource,
  namespace: string,
): readonly Collection[] | undefined {
  if (namespace === lifecycleNamespace) return [];
  return channel.chaincodes.get(namespace)?.privateCollections;
}

/** True for every namespace that has a definition: it has implicit collections at least. */
export const hasCollections = (channel: CollectionSource, namespace: string): boolean =>
  explicitCollections(channel, namespace) !== undefined;

/** A collection of a namespace; every organisation of the channel has an implicit one in each. */
export function findCollection(
  channel: CollectionSource,
  namespace: string,
  name: string,
): Collection | undefined {
  const explicit = explicitCollections(channel, namespace);
  if (explicit === undefined) return undefined;
  const mspId = implicitOrganization(name);
  if (mspId === undefined) return explicit.find((collection) => collection.name === name);
  return implicitCollectionOf(channel, mspId);
}

/** By the configuration that they follow from: the same as long as it holds. */
const implicit = new WeakMap<Channel['config'], Map<string, Collection>>();

function implicitCollectionOf({ config }: CollectionSource, mspId: string): Collection | undefined {
  const organization = config.organizations.get(mspId);
  if (organization === undefined) return undefined;
  const known = implicit.get(config) ?? new Map<string, Collection>();
  implicit.set(config, known);
  const collection = known.get(mspId) ?? implicitCollection(mspId, endorsersFor(config, organization));
  known.set(mspId, collection);
  return collection;
}

/** Who endorses for an organisation is what its Endorsement policy says, or any member if it has none. */
function endorsersFor(config: Channel['config'], { name, mspId }: ChannelOrganization): SignaturePolicy {
  const reference = `/Channel/Application/${name}/Endorsement`;
  const { found } = config.policies.policy(reference);
  return (found ? config.signaturePolicy(reference) : undefined) ?? memberOf(mspId);
}

/** Organisations of the channel whose peers keep a collection's data. */
export const holdersOf = (channel: CollectionSource, collection: Collection): string[] =>
  channel.organizations.filter((mspId) => collection.memberOrganizations.has(mspId));
