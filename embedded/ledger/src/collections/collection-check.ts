import { readDefinition } from '../lifecycle/chaincode-definition.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { findCollection, hasCollections, type CollectionSource } from './channel-collections.js';

/** Notes in the read set which definition the collections of a chaincode are taken from. */
export function readDefinitionOf(simulator: TxSimulator, namespace: string): void {
  if (namespace === lifecycleNamespace) return;
  readDefinition((key) => simulator.getState(lifecycleNamespace, key), namespace);
}

/**
 * Makes sure that a namespace has a collection.
 * @throws in Fabric's words if it has not.
 */
export function checkCollection(
  channel: CollectionSource,
  simulator: TxSimulator,
  namespace: string,
  collection: string,
): void {
  readDefinitionOf(simulator, namespace);
  if (!hasCollections(channel, namespace))
    throw new Error(
      `collection config not defined for chaincode [${namespace}], pass the collection configuration upon chaincode definition/instantiation`,
    );
  if (findCollection(channel, namespace, collection) === undefined)
    throw new Error(
      `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`,
    );
}
