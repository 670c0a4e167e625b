import { type Channel } from '../channel.js';
import { findCollection } from '../collections/channel-collections.js';
import { implicitOrganization, type Collection } from '../collections/collection.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { keyPolicyOf } from '../policy/key-policy.js';
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
    .filter(([namespace]) => namespace !== lifecycleNamespace)
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

/** What concerns come to, by the definitions that the channel has now. */
export function needOf(channel: Channel, concerns: readonly Concern[]): EndorsementNeed {
  const eligible: (readonly Principal[])[] = [];
  const policies = concerns.flatMap(
    ({ namespace, collection: name, needsData, needsPolicy, keyPolicies }) => {
      const chaincode = channel.chaincodes.get(namespace);
      const collection = name === undefined ? undefined : findCollection(channel, namespace, name);
      if (needsData && collection !== undefined) eligible.push(collection.members.principals);
      const own = collection && endorsersOf(collection);
      const general = needsPolicy ? (own ?? chaincode?.endorsement) : undefined;
      return general === undefined ? keyPolicies : [general, ...keyPolicies];
    },
  );
  return { policies, eligible };
}

/** Whom a gateway looks for: for an implicit collection any peer of its organisation, whatever its Endorsement policy says. */
const endorsersOf = ({ name, members, endorsement }: Collection): SignaturePolicy | undefined =>
  implicitOrganization(name) === undefined ? endorsement : members;
