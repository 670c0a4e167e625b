import {
  ApprovedDefinition,
  DefinitionQuery,
  NamedDefinition,
  NamedDefinitions,
  StateMetadata,
} from '../wire/lifecycle.js';
import { type Decoded } from '../wire/message.js';
import {
  type ChaincodeDefinition,
  type ChaincodeParameters,
  parametersStructure,
  readDefinition,
  readParameters,
  readSequence,
} from './chaincode-definition.js';
import { checkDefinition } from './definition-check.js';
import { channelOf, type LifecycleCall } from './lifecycle-call.js';
import {
  type OwnState,
  ownState,
  ownStructures,
  packageStructure,
  publicState,
  readPackageId,
} from './organization-state.js';
import { proposedDefinition } from './proposed-definition.js';
import { serialize } from './serialize.js';
import { metadataKey } from './state-layout.js';

/** Name under which an organisation keeps what it has approved. */
const privateName = (chaincode: string, sequence: number) => `${chaincode}#${sequence}`;

/** `ApproveChaincodeDefinitionForMyOrg`. */
export function approve(call: LifecycleCall, argument: Buffer): Buffer {
  const input = NamedDefinition.decode(argument);
  checkDefinition(call, input);
  const { simulator } = channelOf(call);
  const committed = publicState(simulator);
  const own = ownState(simulator, call.mspId);
  const packageId = input.source?.localPackage?.packageId ?? '';
  const { name, sequence } = input;

  const current = readSequence((key) => committed.get(key), name);
  if (sequence === 0 && current === 0)
    throw new Error('requested sequence is 0, but first definable sequence number is 1');
  if (sequence < current)
    throw new Error(`currently defined sequence ${current} is larger than requested sequence ${sequence}`);
  if (sequence > current + 1)
    throw new Error(
      `requested sequence ${sequence} is larger than the next available sequence number ${current + 1}`,
    );
  const definition = proposedDefinition(input);
  const approved = privateName(name, sequence);
  if (sequence === current) {
    const present = readDefinition((key) => committed.get(key), name);
    if (present === undefined)
      throw new Error(`missing metadata for currently committed sequence number (${current})`);
    const difference = differenceOf(present, definition);
    if (difference !== undefined)
      throw new Error(
        `attempted to redefine the current committed sequence (${current}) for namespace ${name} with different parameters: ${difference}`,
      );
  }
  if (isUnchanged(own, approved, definition, packageId))
    throw new Error(
      sequence === current
        ? `attempted to redefine the current committed sequence (${current}) for namespace ${name}`
        : `attempted to redefine uncommitted sequence (${sequence}) for namespace ${name} with unchanged content`,
    );
  serialize(own, 'namespaces', approved, parametersStructure(definition));
  // Also without a package, which says that the organisation's peers are not to run it.
  serialize(own, 'chaincode-sources', approved, packageStructure(packageId));
  return Buffer.alloc(0);
}

/** How the parameters of a definition differ from those that are there; undefined if they do not. */
function differenceOf(expected: ChaincodeParameters, passed: ChaincodeParameters): string | undefined {
  const differs = (field: string, of: (parameters: ChaincodeParameters) => string) =>
    of(expected) === of(passed)
      ? undefined
      : `expected ${field} '${of(expected)}' does not match passed ${field} '${of(passed)}'`;
  return (
    differs('Version', ({ version }) => version) ??
    differs('EndorsementPlugin', ({ endorsementPlugin }) => endorsementPlugin) ??
    differs('InitRequired', ({ initRequired }) => String(initRequired)) ??
    differs('ValidationPlugin', ({ validationPlugin }) => validationPlugin) ??
    differs('ValidationParameter', ({ validationParameter }) => validationParameter.toString('hex')) ??
    (expected.collections.equals(passed.collections) ? undefined : 'Collections do not match')
  );
}

function isUnchanged(
  own: OwnState,
  name: string,
  definition: ChaincodeDefinition,
  packageId: string,
): boolean {
  if (own.get(metadataKey('namespaces', name)) === undefined) return false;
  const present = readParameters((key) => own.get(key), name);
  return differenceOf(present, definition) === undefined && readPackageId(own, name) === packageId;
}

/** `QueryApprovedChaincodeDefinition`: without a sequence, the latest. */
export function queryApproved(call: LifecycleCall, argument: Buffer): Buffer {
  const { simulator, channel } = channelOf(call);
  const { name, sequence } = DefinitionQuery.decode(argument);
  const own = ownState(simulator, call.mspId);
  const wanted = sequence === 0 ? latest(own, publicState(simulator), name) : sequence;
  if (own.get(metadataKey('namespaces', privateName(name, wanted))) === undefined)
    throw new Error(
      `could not fetch approved chaincode definition (name: '${name}', sequence: '${wanted}') on channel '${channel.name}'`,
    );
  return ApprovedDefinition.encode(readApproved(own, name, wanted));
}

function latest(own: OwnState, committed: OwnState, name: string): number {
  const current = readSequence((key) => committed.get(key), name);
  const next = own.get(metadataKey('namespaces', privateName(name, current + 1)));
  return next === undefined ? current : current + 1;
}

/** `QueryApprovedChaincodeDefinitions`. */
export async function queryAllApproved(call: LifecycleCall): Promise<Buffer> {
  const { simulator } = channelOf(call);
  const own = ownState(simulator, call.mspId);
  const structures = await ownStructures(simulator, call.mspId, 'namespaces');
  const definitions = [...structures].map(([key, metadata]) => {
    const { datatype } = StateMetadata.decode(metadata);
    if (datatype !== 'ChaincodeParameters') throw new Error(`not a chaincode parameters type: ${datatype}`);
    const [name = '', sequence = ''] = key.split('#');
    return { name, ...readApproved(own, name, Number(sequence)) };
  });
  return NamedDefinitions.encode({ definitions });
}

function readApproved(own: OwnState, name: string, sequence: number): Decoded<typeof ApprovedDefinition> {
  const approved = privateName(name, sequence);
  const packageId = readPackageId(own, approved);
  if (packageId === undefined) throw new Error(`could not fetch chaincode-source metadata for ${approved}`);
  return {
    ...readParameters((key) => own.get(key), approved),
    sequence,
    source:
      packageId === ''
        ? { unavailable: {}, localPackage: undefined }
        : { unavailable: undefined, localPackage: { packageId } },
  };
}
