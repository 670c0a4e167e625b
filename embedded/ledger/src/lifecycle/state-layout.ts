import { StateData, StateMetadata } from '../wire/lifecycle.js';

/** Where Fabric keeps the definitions of a channel's chaincodes. */
export const lifecycleNamespace = '_lifecycle';

/** Where definitions stood before: a peer still looks there for a chaincode that has none. */
export const legacyNamespace = 'lscc';

/** Prefix of definitions, and of where an organisation has its packages. */
export type StateSection = 'namespaces' | 'chaincode-sources';

export const metadataKey = (section: StateSection, name: string): string => `${section}/metadata/${name}`;
export const fieldKey = (section: StateSection, name: string, field: string): string =>
  `${section}/fields/${name}/${field}`;

/** Key of the sequence of a chaincode's definition: it changes whenever the definition does. */
export const sequenceKey = (chaincode: string): string => fieldKey('namespaces', chaincode, 'Sequence');

const sequencePattern = /^namespaces\/fields\/([^/]+)\/Sequence$/;

/** The chaincode whose sequence the key holds, if any. */
export const chaincodeOfSequence = (key: string): string | undefined => sequencePattern.exec(key)?.[1];

/** A structure as the state holds it: its type and fields in one entry, the value of each field in another. */
export interface StateStructure {
  readonly datatype: string;
  /** By name, in the order of the structure: encoded `StateData`. */
  readonly fields: ReadonlyMap<string, Buffer>;
}

/** The entry that tells of a structure's type and fields. */
export const encodeMetadata = ({ datatype, fields }: StateStructure): Buffer =>
  StateMetadata.encode({ datatype, fields: [...fields.keys()] });

export const int64Data = (value: number): Buffer => StateData.encode({ int64: value });
export const bytesData = (value: Buffer): Buffer => StateData.encode({ bytes: value });
export const stringData = (value: string): Buffer => StateData.encode({ string: value });
