import { readCollections, type Collection } from '../collections/collection.js';
import { type ChannelConfig } from '../config/channel-config.js';
import { readApplicationPolicy } from '../policy/application-policy.js';
import { type SignaturePolicy } from '../policy/signature-policy.js';
import { type ChannelStore, type StateUpdate } from '../store/channel-store.js';
import { type ChaincodeDefinition, readDefinition } from './chaincode-definition.js';
import { chaincodeOfSequence, lifecycleNamespace, metadataKey } from './state-layout.js';

/** Policies of a channel's configuration that definitions depend on. */
export type DefinitionPolicies = Pick<ChannelConfig, 'signaturePolicy' | 'lifecycleEndorsement'>;

/** A chaincode as a channel has agreed on it. */
export interface ChannelChaincode extends ChaincodeDefinition {
  readonly name: string;
  /** Who must endorse what it writes. */
  readonly endorsement: SignaturePolicy;
  /** {@link ChaincodeDefinition.collections}, read; besides, it has an implicit one for every organisation. */
  readonly privateCollections: readonly Collection[];
}

/**
 * The chaincodes of a channel, by name, as its state defines them after the last block. Kept in memory, since every
 * transaction asks for one; brought up to date when a block changes a definition.
 */
export class CommittedChaincodes {
  readonly #chaincodes = new Map<string, ChannelChaincode>();
  readonly #store: ChannelStore;
  readonly #listeners = new Set<() => void>();
  #policies: DefinitionPolicies;
  #revision = 0;

  private constructor(store: ChannelStore, policies: DefinitionPolicies) {
    this.#store = store;
    this.#policies = policies;
  }

  /** Reads what the state defines. */
  static async load(store: ChannelStore, policies: DefinitionPolicies): Promise<CommittedChaincodes> {
    const chaincodes = new CommittedChaincodes(store, policies);
    const prefix = metadataKey('namespaces', '');
    const snapshot = store.snapshot();
    const range = snapshot.range(lifecycleNamespace, prefix, `${prefix}\x7f`);
    try {
      for (let found = await range.next(); found !== undefined; found = await range.next())
        chaincodes.#refresh(found.key.slice(prefix.length));
    } finally {
      await range.close();
      snapshot.release();
    }
    return chaincodes;
  }

  get(name: string): ChannelChaincode | undefined {
    return this.#chaincodes.get(name);
  }

  has(name: string): boolean {
    return this.#chaincodes.has(name);
  }

  /** Who must endorse what is written to a namespace; undefined if nothing is defined under that name. */
  endorsementOf(namespace: string): SignaturePolicy | undefined {
    if (namespace === lifecycleNamespace) return this.#policies.lifecycleEndorsement;
    return this.get(namespace)?.endorsement;
  }

  [Symbol.iterator](): IterableIterator<ChannelChaincode> {
    return this.#chaincodes.values();
  }

  /** Another number after each block that changed a definition or an approval. */
  get revision(): number {
    return this.#revision;
  }

  /** Called once a block is on disk, with its changes of state. */
  committed(updates: Iterable<StateUpdate>): void {
    let changed = false;
    for (const { namespace, key } of updates) {
      if (!namespace.startsWith(lifecycleNamespace)) continue;
      changed = true;
      const name = namespace === lifecycleNamespace ? chaincodeOfSequence(key) : undefined;
      if (name !== undefined) this.#refresh(name);
    }
    if (!changed) return;
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  /** Tells of each block that changed a definition or an approval. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Called once the channel has another configuration, whose policies definitions may name. */
  configured(policies: DefinitionPolicies): void {
    this.#policies = policies;
    for (const name of [...this.#chaincodes.keys()]) this.#refresh(name);
  }

  #refresh(name: string): void {
    const read = (key: string) => this.#store.state(lifecycleNamespace, key)?.value;
    const definition = readDefinition(read, name);
    if (definition === undefined) {
      this.#chaincodes.delete(name);
      return;
    }
    const { signaturePolicy } = this.#policies;
    const endorsement = readApplicationPolicy(definition.validationParameter, signaturePolicy);
    const privateCollections = readCollections(definition.collections, signaturePolicy);
    this.#chaincodes.set(name, { ...definition, name, endorsement, privateCollections });
  }
}
