import { type Channel } from '../channel.js';
import { type Identity } from '../msp/identity.js';
import { satisfiesPolicy } from '../policy/signature-policy.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { findCollection } from './channel-collections.js';
import { implicitOrganization } from './collection.js';
import { readDefinitionOf } from './collection-check.js';

/** What the client of a proposal may do with collections through the chaincodes that it runs. */
export class CollectionAccess {
  readonly #channel: Channel;
  readonly #simulator: TxSimulator;
  readonly #client: Identity | undefined;

  constructor(channel: Channel, simulator: TxSimulator, client: Identity | undefined) {
    this.#channel = channel;
    this.#simulator = simulator;
    this.#client = client;
  }

  /** @throws in Fabric's words. */
  checkRead(namespace: string, collection: string): void {
    this.#check(namespace, collection, 'read');
  }

  /** @throws in Fabric's words. */
  checkWrite(namespace: string, collection: string): void {
    this.#check(namespace, collection, 'write');
  }

  #check(namespace: string, name: string, act: 'read' | 'write'): void {
    readDefinitionOf(this.#simulator, namespace);
    // Open to everybody; whether its organisation is one of the channel's is asked later.
    if (implicitOrganization(name) !== undefined) return;
    const collection = findCollection(this.#channel, namespace, name);
    if (collection === undefined)
      throw new Error(`collection ${this.#channel.name}/${namespace}/${name} could not be found`);
    const restricted = act === 'read' ? collection.memberOnlyRead : collection.memberOnlyWrite;
    if (!restricted) return;
    if (this.#client !== undefined && satisfiesPolicy(collection.members, [this.#client])) return;
    throw new Error(
      `tx creator does not have ${act} access permission on privatedata in chaincodeName:${namespace} collectionName: ${name}`,
    );
  }
}
