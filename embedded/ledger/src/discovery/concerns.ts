import { type Channel } from '../channel.js';
import { findCollection } from '../collections/channel-collections.js';
import { implicitOrganization, type Collection } from '../collections/collection.js';
import { legacyNamespace, lifecycleNamespace } from '../lifecycle/state-layout.js';
import { keyPolicyOf } from '../policy/key-policy.js';
import { UnsatisfiablePolicyError } from '../policy/endorsement-groups.js';
import { type Principal, type SignaturePolicy } from '../policy/signature-policy.js';
import { type TransactionFootprint } from '../simulate/transaction-footprint.js';

/** One part of what a transaction touched that has a say in who must endorse it. */
export interface Concern {
  readonly namespace: string;
  /** Undefined if it is about the chaincode's own state. */
  readonly collection?: string;
  /** For a collection: whether only those who have its data can simulate the transaction. */
  readonly needsData: boolean;
  /** Whether it counts what the chaincode or the collection says, and not only what keys say. */
  readonly needsPolicy: boolean;
  /** Policies of keys that are written. */
  readonly keyPolicies: readonly SignaturePolicy[];
}

/** Who must endorse: all these policies, by peers that each satisfy one principal of every list. */
export interface EndorsementNeed {
  readonly policies: readonly SignaturePolicy[];
  readonly eligible: readonly (readonly Principal[])[];
}

/**
 * What a transaction that touched this is to be endorsed for, as a peer tells its gateway: every chaincode and collection
 * whose policy counts, and the keys that have one of their own.
 */
export function concernsOf(footprint: TransactionFootprint): Concern[] {
  const required = new Map<string, Map<string, boolean>>();
  const keyPolicies = new Map<string, SignaturePolicy[]>();
  const of = (namespace: string) => {
    const collections = required.get(namespace) ?? new Map<string, boolean>();
    required.set(namespace, collections);
    return collections;
  };
  for (const { namespace, collection, metadata } of footprint.writes) {
    const collections = of(namespace);
    if (!collections.has('')) collections.set('', false);
    const policy = keyPolicyOf(metadata);
    if (policy === undefined) collections.set(collection, true);
    else keyPolicies.set(namespace, [...(keyPolicies.get(namespace) ?? []), policy]);
  }
  for (const namespace of footprint.namespaces) if (!required.has(namespace)) of(namespace).set('', true);
  for (const [namespace, collections] of footprint.privateReads)
    for (const collection of collections) of(namespace).set(collection, true);

  return [...required]
    .filter(([namespace]) => namespace !== lifecycleNamespace && namespace !== legacyNamespace)
    .flatMap(([namespace, collections]) =>
      [...collections].flatMap(([collection, needsPolicy]): Concern[] => {
        if (collection !== '') {
          const needsData = footprint.privateReads.get(namespace)?.has(collection) === true;
          return [{ namespace, collection, needsData, needsPolicy: true, keyPolicies: [] }];
        }
        const policies = keyPolicies.get(namespace) ?? [];
        if (policies.length === 0 && !needsPolicy) return [];
        return [{ namespace, needsData: false, needsPolicy, keyPolicies: policies }];
      }),
    );
}

/**
 * What concerns come to, by the definitions that the channel has now: first the policies of chaincodes and collections,
 * then those of keys.
 * @throws {@link UnsatisfiablePolicyError} in a peer's words if something is not defined.
 */
export function needOf(channel: Channel, concerns: readonly Concern[]): EndorsementNeed {
  const eligible: (readonly Principal[])[] = [];
  const general = concerns.flatMap(({ namespace, collection: name, needsData, needsPolicy }) => {
    const chaincode = channel.chaincodes.endorsementOf(namespace);
    if (chaincode === undefined) throw noMetadata(namespace, channel.name);
    const collection = name === undefined ? undefined : findCollection(channel, namespace, name);
    if (needsData) {
      if (collection === undefined)
        throw new UnsatisfiablePolicyError(
          `collection ${name ?? ''} doesn't exist in collection config for chaincode ${namespace}`,
        );
      eligible.push(collection.members.principals);
    }
    return needsPolicy ? [(collection && endorsersOfCollection(collection)) ?? chaincode] : [];
  });
  return {
    policies: [...new Set([...general, ...concerns.flatMap(({ keyPolicies }) => keyPolicies)])],
    eligible,
  };
}

/** Whom a gateway looks for: for an implicit collection any peer of its organisation, whatever its Endorsement policy says. */
const endorsersOfCollection = ({ name, members, endorsement }: Collection): SignaturePolicy | undefined =>
  implicitOrganization(name) === undefined ? endorsement : members;

/** Nobody knows how to endorse for the chaincode. */
export const noMetadata = (chaincode: string, channel: string): UnsatisfiablePolicyError =>
  new UnsatisfiablePolicyError(`No metadata was found for chaincode ${chaincode} in channel ${channel}`);

/** A chaincode whose own policy counts, and nothing else. */
export const chaincodeConcern = (namespace: string): Concern => ({
  namespace,
  needsData: false,
  needsPolicy: true,
  keyPolicies: [],
});

/** As they are when what is written to collections may be seen by none but those who keep it. */
export const guarded = (concerns: readonly Concern[]): Concern[] =>
  concerns.map((concern) => ({ ...concern, needsData: concern.collection !== undefined }));
