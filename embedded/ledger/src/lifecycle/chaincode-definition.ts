import { noBytes } from '../wire/message.js';
import { ChaincodeEndorsementInfo, ChaincodeValidationInfo, StateData } from '../wire/lifecycle.js';
import {
  bytesData,
  fieldKey,
  int64Data,
  metadataKey,
  sequenceKey,
  type StateSection,
  type StateStructure,
} from './state-layout.js';

/** What the organisations of a channel agree on about a chaincode, apart from its sequence. */
export interface ChaincodeParameters {
  readonly version: string;
  readonly initRequired: boolean;
  readonly endorsementPlugin: string;
  readonly validationPlugin: string;
  /** `ApplicationPolicy`. */
  readonly validationParameter: Buffer;
  /** `CollectionConfigPackage`; empty for none. */
  readonly collections: Buffer;
}

/** A chaincode as a channel has committed it. */
export interface ChaincodeDefinition extends ChaincodeParameters {
  /** 1 for the first, and one more for each that follows. */
  readonly sequence: number;
}

/** Reads a key of a state. */
export type ReadState = (key: string) => Buffer | undefined;

const section: StateSection = 'namespaces';
export const definitionType = 'ChaincodeDefinition';

function parameterFields(parameters: ChaincodeParameters): [string, Buffer][] {
  const { version, initRequired, endorsementPlugin, validationPlugin, validationParameter } = parameters;
  const endorsement = ChaincodeEndorsementInfo.encode({ version, initRequired, endorsementPlugin });
  const validation = ChaincodeValidationInfo.encode({ validationPlugin, validationParameter });
  return [
    ['EndorsementInfo', bytesData(endorsement)],
    ['ValidationInfo', bytesData(validation)],
    ['Collections', bytesData(parameters.collections)],
  ];
}

/** As the channel's state holds it. */
export const definitionStructure = (definition: ChaincodeDefinition): StateStructure => ({
  datatype: definitionType,
  fields: new Map([['Sequence', int64Data(definition.sequence)], ...parameterFields(definition)]),
});

/** As the collection of an organisation that approves it holds it. */
export const parametersStructure = (parameters: ChaincodeParameters): StateStructure => ({
  datatype: 'ChaincodeParameters',
  fields: new Map(parameterFields(parameters)),
});

/** The sequence of a chaincode's definition; 0 if it has none. */
export const readSequence = (read: ReadState, chaincode: string): number =>
  StateData.decode(read(sequenceKey(chaincode)) ?? noBytes).int64;

/** What is agreed on under a name: `chaincode`, or `chaincode#sequence` in an organisation's collection. */
export function readParameters(read: ReadState, name: string): ChaincodeParameters {
  const bytes = (field: string) =>
    StateData.decode(read(fieldKey(section, name, field)) ?? noBytes).bytes ?? noBytes;
  return {
    ...ChaincodeEndorsementInfo.decode(bytes('EndorsementInfo')),
    ...ChaincodeValidationInfo.decode(bytes('ValidationInfo')),
    collections: bytes('Collections'),
  };
}

/** The committed definition of a chaincode; undefined if there is none. */
export function readDefinition(read: ReadState, chaincode: string): ChaincodeDefinition | undefined {
  if (read(metadataKey(section, chaincode)) === undefined) return undefined;
  return { sequence: readSequence(read, chaincode), ...readParameters(read, chaincode) };
}
