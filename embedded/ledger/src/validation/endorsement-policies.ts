import { type Channel } from '../channel.js';
import { findCollection } from '../collections/channel-collections.js';
import { hashedKey, hashedNamespace } from '../collections/hashed-namespace.js';
import { type Identity } from '../msp/identity.js';
import { keyPolicyOf } from '../policy/key-policy.js';
import { satisfiesPolicy, type SignaturePolicy } from '../policy/signature-policy.js';
import { type CollectionHashes, type NamespaceSet } from '../rwset/parsed.js';

/** A key as the state has it. */
interface StateKey {
  /** Namespace of the state: a collection's hashes have their own. */
  readonly space: string;
  readonly key: string;
  /** Empty if it is in none. */
  readonly collection: string;
}

/**
 * Decides for the transactions of a block, in order, whether they are endorsed by those who must: for each key written,
 * those of its own policy; where it has none, those of its collection's, and where that has none, of its chaincode's.
 */
export class EndorsementPolicies {
  readonly #channel: Channel;
  /** Keys whose policies are changed by transactions of the block that were endorsed as they must. */
  readonly #changed = new Set<string>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** What is missing for what a transaction does to a namespace; undefined if nothing is. */
  refusal(
    namespace: string,
    chaincodePolicy: SignaturePolicy,
    set: NamespaceSet | undefined,
    endorsers: readonly Identity[],
  ): string | undefined {
    const satisfied = new Set<string>();
    const check = (what: string, policy: SignaturePolicy): string | undefined => {
      if (satisfied.has(what)) return undefined;
      if (!satisfiesPolicy(policy, endorsers)) return `endorsement policy of ${what} is not met`;
      satisfied.add(what);
      return undefined;
    };
    for (const { space, key, collection } of set === undefined ? [] : keysWritten(set)) {
      if (this.#changed.has(nameOf(space, key)))
        return `the endorsement policy of a key in ${space} is changed by an earlier transaction of the block`;
      const own = keyPolicyOf(this.#channel.store.state(space, key)?.metadata ?? []);
      const config = collection === '' ? undefined : findCollection(this.#channel, namespace, collection);
      if (collection !== '' && config === undefined)
        return `there is no collection ${collection} in ${namespace}`;
      const of = config?.endorsement;
      const refusal =
        own !== undefined
          ? check(nameOf(space, key), own)
          : check(of === undefined ? namespace : space, of ?? chaincodePolicy);
      if (refusal !== undefined) return refusal;
    }
    return satisfied.size > 0 ? undefined : check(namespace, chaincodePolicy);
  }

  /** Notes that a transaction of the block is endorsed as it must: what depends on policies that it changes comes too late. */
  endorsed(sets: readonly NamespaceSet[]): void {
    for (const { namespace, set, collections } of sets) {
      for (const { key } of set.metadataWrites) this.#changed.add(nameOf(namespace, key));
      for (const { collection, set: hashes } of collections)
        for (const { keyHash } of hashes.metadataWrites)
          this.#changed.add(nameOf(hashedNamespace(namespace, collection), hashedKey(keyHash)));
    }
  }
}

const nameOf = (space: string, key: string): string => JSON.stringify([space, key]);

function* keysWritten({ namespace, set, collections }: NamespaceSet): Generator<StateKey> {
  for (const { key } of [...set.writes, ...set.metadataWrites])
    yield { space: namespace, key, collection: '' };
  for (const hashes of collections) yield* hashedKeysWritten(namespace, hashes);
}

function* hashedKeysWritten(namespace: string, { collection, set }: CollectionHashes): Generator<StateKey> {
  const space = hashedNamespace(namespace, collection);
  for (const { keyHash } of [...set.hashedWrites, ...set.metadataWrites])
    yield { space, key: hashedKey(keyHash), collection };
}
