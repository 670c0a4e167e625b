import { peer } from '@hyperledger/fabric-protos';
import { applicationPolicyOf } from '@medigraph/network/admin';

const messages = peer.lifecycle;

/** A definition as a scenario proposes it. */
export interface ProposedDefinition {
  readonly name: string;
  readonly version?: string;
  readonly sequence?: number;
  readonly initRequired?: boolean;
  /** MSP ids, each of whose peers may endorse alone; the channel's own policy if there are none. */
  readonly endorsers?: readonly string[];
  readonly collections?: peer.CollectionConfigPackage;
}

interface DefinitionMessage {
  setName(value: string): void;
  setVersion(value: string): void;
  setSequence(value: number): void;
  setInitRequired(value: boolean): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value?: peer.CollectionConfigPackage): void;
  serializeBinary(): Uint8Array;
}

function filled<T extends DefinitionMessage>(message: T, definition: ProposedDefinition): T {
  message.setName(definition.name);
  message.setVersion(definition.version ?? '1');
  message.setSequence(definition.sequence ?? 1);
  message.setInitRequired(definition.initRequired ?? false);
  if (definition.endorsers) {
    const policy = applicationPolicyOf(
      `OR(${definition.endorsers.map((mspId) => `'${mspId}.peer'`).join(', ')})`,
    );
    message.setValidationParameter(policy.serializeBinary());
  }
  message.setCollections(definition.collections);
  return message;
}

/** Argument of `ApproveChaincodeDefinitionForMyOrg`. */
export function approval(definition: ProposedDefinition, packageId?: string): Uint8Array {
  const args = filled(new messages.ApproveChaincodeDefinitionForMyOrgArgs(), definition);
  if (packageId !== undefined) {
    const local = new messages.ChaincodeSource.Local();
    local.setPackageId(packageId);
    const source = new messages.ChaincodeSource();
    source.setLocalPackage(local);
    args.setSource(source);
  }
  return args.serializeBinary();
}

/** Argument of `CommitChaincodeDefinition` and of `CheckCommitReadiness`, which are of one form. */
export const proposed = (definition: ProposedDefinition): Uint8Array =>
  filled(new messages.CommitChaincodeDefinitionArgs(), definition).serializeBinary();

/** Argument of `QueryChaincodeDefinition`, and with a sequence of `QueryApprovedChaincodeDefinition`. */
export function named(name: string, sequence = 0): Uint8Array {
  const args = new messages.QueryApprovedChaincodeDefinitionArgs();
  args.setName(name);
  args.setSequence(sequence);
  return args.serializeBinary();
}
