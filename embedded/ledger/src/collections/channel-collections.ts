import { type Channel } from '../channel.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { implicitCollection, implicitOrganization, type Collection } from './collection.js';

/** What the collections of a channel depend on. */
export type CollectionSource = Pick<Channel, 'organizations' | 'chaincodes'>;

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
  return channel.organizations.includes(mspId) ? implicitCollection(mspId) : undefined;
}

/** Organisations of the channel whose peers keep a collection's data. */
export const holdersOf = (channel: CollectionSource, collection: Collection): string[] =>
  channel.organizations.filter((mspId) => collection.memberOrganizations.has(mspId));
