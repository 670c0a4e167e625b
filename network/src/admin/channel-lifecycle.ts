import { type Contract, GatewayError } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import {
  type ChaincodeDefinition,
  fill,
  type KnownDefinition,
  readDefinition,
} from './chaincode-definition.js';
import { AdministrationRefusedError, AdministrationUnavailableError, reasonOf } from './errors.js';
import { type PeerConnection } from './peer-connection.js';

const messages = peer.lifecycle;

/** How an organisation stands to a definition. */
export interface Readiness {
  readonly approved: boolean;
  /** The parts that it has approved otherwise; `ChaincodeParameters` if it has approved nothing of this sequence. */
  readonly mismatches: readonly string[];
}

/** A definition that an organisation has approved. */
export interface ApprovedDefinition extends KnownDefinition {
  /** Undefined if its peers are not to run it. */
  readonly packageId: string | undefined;
}

/** A definition that a channel has committed. */
export interface CommittedDefinition extends KnownDefinition {
  /** Whether each organisation has approved it, by MSP id. */
  readonly approvals: Readonly<Record<string, boolean>>;
}

const noSuchDefinition = 'could not fetch approved chaincode definition';
const unavailable = 14;

/** The chaincode lifecycle on one channel, as an administrator of one organisation, of the embedded network or a real one. */
export class ChannelLifecycle {
  readonly #contract: Contract;
  readonly #mspId: string;

  constructor({ gateway, mspId }: PeerConnection, channel: string) {
    this.#contract = gateway.getNetwork(channel).getContract('_lifecycle');
    this.#mspId = mspId;
  }

  /** Approves a definition for the organisation; answers once that is on the ledger. Approving the same again is refused. */
  async approve(definition: ChaincodeDefinition, packageId?: string): Promise<void> {
    const source = new messages.ChaincodeSource();
    if (packageId === undefined) source.setUnavailable(new messages.ChaincodeSource.Unavailable());
    else {
      const local = new messages.ChaincodeSource.Local();
      local.setPackageId(packageId);
      source.setLocalPackage(local);
    }
    const args = fill(new messages.ApproveChaincodeDefinitionForMyOrgArgs(), definition);
    args.setSource(source);
    await this.#submit('ApproveChaincodeDefinitionForMyOrg', args, [this.#mspId]);
  }

  /** How each organisation of the channel stands to a definition, by MSP id. */
  async checkCommitReadiness(definition: ChaincodeDefinition): Promise<Map<string, Readiness>> {
    const args = fill(new messages.CheckCommitReadinessArgs(), definition);
    const answer = await this.#evaluate('CheckCommitReadiness', args);
    const result = messages.CheckCommitReadinessResult.deserializeBinary(answer);
    const mismatches = result.getMismatchesMap();
    return new Map(
      [...result.getApprovalsMap().entries()].map(([mspId, approved]) => [
        mspId,
        { approved, mismatches: mismatches.get(mspId)?.getItemsList() ?? [] },
      ]),
    );
  }

  /**
   * Commits a definition; answers once it is on the ledger.
   * @param organizations - that endorse it; if they are not named, as many as the channel's policy asks for
   */
  async commit(definition: ChaincodeDefinition, organizations?: readonly string[]): Promise<void> {
    const args = fill(new messages.CommitChaincodeDefinitionArgs(), definition);
    await this.#submit('CommitChaincodeDefinition', args, organizations);
  }

  /** What the organisation has approved under a name: of one sequence, or the latest; undefined if nothing. */
  async queryApproved(name: string, sequence = 0): Promise<ApprovedDefinition | undefined> {
    const args = new messages.QueryApprovedChaincodeDefinitionArgs();
    args.setName(name);
    args.setSequence(sequence);
    try {
      const answer = await this.#evaluate('QueryApprovedChaincodeDefinition', args);
      const result = messages.QueryApprovedChaincodeDefinitionResult.deserializeBinary(answer);
      const packageId = result.getSource()?.getLocalPackage()?.getPackageId();
      return { ...readDefinition(name, result), packageId };
    } catch (error) {
      if (error instanceof AdministrationRefusedError && error.message.includes(noSuchDefinition))
        return undefined;
      throw error;
    }
  }

  /** The committed definition of one chaincode. @throws {@link AdministrationRefusedError} if it has none. */
  async queryCommitted(name: string): Promise<CommittedDefinition> {
    const args = new messages.QueryChaincodeDefinitionArgs();
    args.setName(name);
    const answer = await this.#evaluate('QueryChaincodeDefinition', args);
    const result = messages.QueryChaincodeDefinitionResult.deserializeBinary(answer);
    return {
      ...readDefinition(name, result),
      approvals: Object.fromEntries(result.getApprovalsMap().entries()),
    };
  }

  /** All committed definitions, by name of the chaincode. */
  async queryAllCommitted(): Promise<Map<string, KnownDefinition>> {
    const args = new messages.QueryChaincodeDefinitionsArgs();
    const answer = await this.#evaluate('QueryChaincodeDefinitions', args);
    const list = messages.QueryChaincodeDefinitionsResult.deserializeBinary(answer);
    return new Map(
      list
        .getChaincodeDefinitionsList()
        .map((definition) => [definition.getName(), readDefinition(definition.getName(), definition)]),
    );
  }

  async #evaluate(operation: string, args: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
    return refusing(operation, () =>
      this.#contract.evaluate(operation, {
        arguments: [args.serializeBinary()],
        endorsingOrganizations: [this.#mspId],
      }),
    );
  }

  async #submit(
    operation: string,
    args: { serializeBinary(): Uint8Array },
    organizations: readonly string[] | undefined,
  ): Promise<void> {
    await refusing(operation, () =>
      this.#contract.submit(operation, {
        arguments: [args.serializeBinary()],
        ...(organizations !== undefined && { endorsingOrganizations: [...organizations] }),
      }),
    );
  }
}

/** Puts what the gateway's errors say of each peer into one line. */
async function refusing<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const reason = `${operation}: ${reasonOf(error)}`;
    throw error instanceof GatewayError && error.code === unavailable && error.details.length === 0
      ? new AdministrationUnavailableError(reason, { cause: error })
      : new AdministrationRefusedError(reason, { cause: error });
  }
}
