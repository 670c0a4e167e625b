import { type peer } from '@hyperledger/fabric-protos';
import { applicationPolicyOf } from './signature-policy.js';

/** What a channel's organisations agree on about a chaincode. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  /** 1 for the first, and one more for each that follows. */
  readonly sequence: number;
  /**
   * Who must endorse, in Fabric's language (`AND('A.peer', 'B.peer')`), or the name of a policy of the channel
   * (`/Channel/Application/Endorsement`, which is what it is if nothing is said).
   */
  readonly endorsementPolicy?: string;
  /** Whether its first call must be one as init. */
  readonly initRequired?: boolean;
  /** Its private data collections. */
  readonly collections?: peer.CollectionConfigPackage;
}

/** A definition as the network tells it. */
export interface KnownDefinition extends Omit<ChaincodeDefinition, 'endorsementPolicy'> {
  readonly initRequired: boolean;
  /** `ApplicationPolicy`. */
  readonly validationParameter: Uint8Array;
}

/** The form in which a policy stands in a definition. @throws `PolicySyntaxError`. */
export function validationParameterOf(endorsementPolicy = '/Channel/Application/Endorsement'): Uint8Array {
  return applicationPolicyOf(endorsementPolicy).serializeBinary();
}

interface DefinitionMessage {
  setName(value: string): void;
  setVersion(value: string): void;
  setSequence(value: number): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setInitRequired(value: boolean): void;
  setCollections(value?: peer.CollectionConfigPackage): void;
}

/** Writes a definition into one of the messages that carry one. */
export function fill<T extends DefinitionMessage>(message: T, definition: ChaincodeDefinition): T {
  message.setName(definition.name);
  message.setVersion(definition.version);
  message.setSequence(definition.sequence);
  message.setEndorsementPlugin('escc');
  message.setValidationPlugin('vscc');
  message.setValidationParameter(validationParameterOf(definition.endorsementPolicy));
  message.setInitRequired(definition.initRequired ?? false);
  message.setCollections(definition.collections);
  return message;
}

interface AnsweredMessage {
  getVersion(): string;
  getSequence(): number;
  getValidationParameter_asU8(): Uint8Array;
  getInitRequired(): boolean;
  getCollections(): peer.CollectionConfigPackage | undefined;
}

/** Reads a definition out of one of the messages that answer one. */
export function readDefinition(name: string, message: AnsweredMessage): KnownDefinition {
  const collections = message.getCollections();
  return {
    name,
    version: message.getVersion(),
    sequence: message.getSequence(),
    validationParameter: message.getValidationParameter_asU8(),
    initRequired: message.getInitRequired(),
    ...(collections !== undefined && { collections }),
  };
}
