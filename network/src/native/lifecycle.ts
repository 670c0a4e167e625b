import { type Contract } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { type PeerConnection } from './peer-connection.js';
import { type CollectionDescription } from '../description.js';
import { collectionsOf } from './collections.js';
import { applicationPolicyOf } from './signature-policy.js';

/** What a channel's organisations agree on about a chaincode. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** In Fabric's language: `AND('A.peer', 'B.peer')`. */
  readonly endorsementPolicy: string;
  readonly collections: readonly CollectionDescription[];
}

/** What is committed on a channel. */
export interface CommittedDefinition {
  readonly version: string;
  readonly sequence: number;
  readonly validationParameter: Uint8Array;
  /** `CollectionConfigPackage`; empty if there are none. */
  readonly collections: Uint8Array;
}

/** The form in which a policy stands in a definition. */
export const validationParameterOf = (endorsementPolicy: string): Uint8Array =>
  applicationPolicyOf(endorsementPolicy).serializeBinary();

interface DefinitionMessage {
  setName(value: string): void;
  setVersion(value: string): void;
  setSequence(value: number): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value: peer.CollectionConfigPackage): void;
}

function fill<T extends DefinitionMessage>(message: T, definition: ChaincodeDefinition): T {
  message.setName(definition.name);
  message.setVersion(definition.version);
  message.setSequence(definition.sequence);
  message.setEndorsementPlugin('escc');
  message.setValidationPlugin('vscc');
  message.setValidationParameter(validationParameterOf(definition.endorsementPolicy));
  if (definition.collections.length > 0) message.setCollections(collectionsOf(definition.collections));
  return message;
}

/** The chaincode lifecycle on one channel, as the administrator of one organisation. */
export class ChannelLifecycle {
  readonly #contract: Contract;
  readonly #mspId: string;

  constructor(connection: PeerConnection, channel: string, mspId: string) {
    this.#contract = connection.gateway.getNetwork(channel).getContract('_lifecycle');
    this.#mspId = mspId;
  }

  /** By name of the chaincode. */
  async committed(): Promise<Map<string, CommittedDefinition>> {
    const { QueryChaincodeDefinitionsArgs, QueryChaincodeDefinitionsResult } = peer.lifecycle;
    const answer = await this.#contract.evaluate('QueryChaincodeDefinitions', {
      arguments: [new QueryChaincodeDefinitionsArgs().serializeBinary()],
      endorsingOrganizations: [this.#mspId],
    });
    const list = QueryChaincodeDefinitionsResult.deserializeBinary(answer).getChaincodeDefinitionsList();
    return new Map(
      list.map((definition) => [
        definition.getName(),
        {
          version: definition.getVersion(),
          sequence: definition.getSequence(),
          validationParameter: definition.getValidationParameter_asU8(),
          collections: definition.getCollections()?.serializeBinary() ?? new Uint8Array(),
        },
      ]),
    );
  }

  /** MSP ids of the organisations that have approved exactly this definition. */
  async approvedBy(definition: ChaincodeDefinition): Promise<Set<string>> {
    const args = fill(new peer.lifecycle.CheckCommitReadinessArgs(), definition);
    const answer = await this.#contract.evaluate('CheckCommitReadiness', {
      arguments: [args.serializeBinary()],
      endorsingOrganizations: [this.#mspId],
    });
    const approvals = peer.lifecycle.CheckCommitReadinessResult.deserializeBinary(answer).getApprovalsMap();
    return new Set([...approvals.entries()].filter(([, approved]) => approved).map(([mspId]) => mspId));
  }

  /** Waits until the approval is on the ledger. Approving the same again is refused. */
  async approve(definition: ChaincodeDefinition, packageId: string): Promise<void> {
    const local = new peer.lifecycle.ChaincodeSource.Local();
    local.setPackageId(packageId);
    const source = new peer.lifecycle.ChaincodeSource();
    source.setLocalPackage(local);
    const args = fill(new peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs(), definition);
    args.setSource(source);
    await this.#contract.submit('ApproveChaincodeDefinitionForMyOrg', {
      arguments: [args.serializeBinary()],
      endorsingOrganizations: [this.#mspId],
    });
  }

  /** Waits until the definition is on the ledger; `organizations` endorse it. */
  async commit(definition: ChaincodeDefinition, organizations: readonly string[]): Promise<void> {
    const args = fill(new peer.lifecycle.CommitChaincodeDefinitionArgs(), definition);
    await this.#contract.submit('CommitChaincodeDefinition', {
      arguments: [args.serializeBinary()],
      endorsingOrganizations: [...organizations],
    });
  }
}
