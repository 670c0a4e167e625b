import { parsePolicy } from '../policy/policy-parser.js';
import { encodeApplicationPolicy } from '../policy/application-policy.js';
import { type ChaincodeDefinition as Described } from '../network.js';
import { type StateUpdate } from '../store/channel-store.js';
import { encodeCollections } from '../collections/collection.js';
import { definitionStructure } from './chaincode-definition.js';
import { encodeMetadata, fieldKey, lifecycleNamespace, metadataKey } from './state-layout.js';

/** A channel's chaincodes as state that comes with its first block. */
export function definedWithFirstBlock(chaincodes: Readonly<Record<string, Described>>): StateUpdate[] {
  const version = { blockNum: 0, txNum: 0 };
  return Object.entries(chaincodes).flatMap(([name, described]) => {
    const structure = definitionStructure({
      sequence: 1,
      version: described.version,
      initRequired: false,
      endorsementPlugin: 'escc',
      validationPlugin: 'vscc',
      validationParameter: encodeApplicationPolicy(parsePolicy(described.endorsement)),
      collections: encodeCollections(described.collections),
    });
    const entries: [string, Buffer][] = [
      [metadataKey('namespaces', name), encodeMetadata(structure)],
      ...[...structure.fields].map(([field, value]): [string, Buffer] => [
        fieldKey('namespaces', name, field),
        value,
      ]),
    ];
    return entries.map(([key, value]) => ({
      namespace: lifecycleNamespace,
      key,
      value: { value, version, metadata: [] },
      version,
    }));
  });
}
