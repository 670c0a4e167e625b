import {
  CheckCommitReadinessResult,
  CommittedDefinition,
  DefinitionQuery,
  NamedDefinition,
  NamedDefinitions,
  StateMetadata,
} from '../wire/lifecycle.js';
import {
  type ChaincodeDefinition,
  definitionStructure,
  definitionType,
  parametersStructure,
  readDefinition,
  readSequence,
} from './chaincode-definition.js';
import { checkDefinition } from './definition-check.js';
import { channelOf, NotFoundError, type LifecycleCall } from './lifecycle-call.js';
import { mismatches, opaqueState, publicState } from './organization-state.js';
import { proposedDefinition } from './proposed-definition.js';
import { serialize } from './serialize.js';
import { lifecycleNamespace, metadataKey } from './state-layout.js';

/** `CheckCommitReadiness`. */
export function checkReadiness(call: LifecycleCall, argument: Buffer): Buffer {
  const input = NamedDefinition.decode(argument);
  channelOf(call);
  const differences = readiness(call, input.name, proposedDefinition(input));
  return CheckCommitReadinessResult.encode({
    approvals: approvalsOf(differences),
    mismatches: [...differences]
      .filter(([, items]) => items.length > 0)
      .map(([key, items]) => ({ key, value: { items } })),
  });
}

/** `CommitChaincodeDefinition`: a peer endorses it if its own organisation has approved the definition. */
export function commit(call: LifecycleCall, argument: Buffer): Buffer {
  const input = NamedDefinition.decode(argument);
  checkDefinition(call, input);
  const { simulator } = channelOf(call);
  const definition = proposedDefinition(input);
  const differences = readiness(call, input.name, definition);
  serialize(publicState(simulator), 'namespaces', input.name, definitionStructure(definition));
  if (differences.get(call.mspId)?.length !== 0)
    throw new Error(`chaincode definition not agreed to by this org (${call.mspId})`);
  return Buffer.alloc(0);
}

/** By organisation, the parts of the definition that it has approved otherwise, or not at all. */
function readiness(
  call: LifecycleCall,
  name: string,
  definition: ChaincodeDefinition,
): Map<string, string[]> {
  const { simulator } = channelOf(call);
  const committed = publicState(simulator);
  const next = readSequence((key) => committed.get(key), name) + 1;
  if (definition.sequence !== next)
    throw new Error(
      `requested sequence is ${definition.sequence}, but new definition must be sequence ${next}`,
    );
  return differencesOf(call, name, definition);
}

function differencesOf(
  call: LifecycleCall,
  name: string,
  definition: ChaincodeDefinition,
): Map<string, string[]> {
  const { channel, simulator } = channelOf(call);
  const structure = parametersStructure(definition);
  return new Map(
    channel.organizations.map((mspId) => [
      mspId,
      mismatches(opaqueState(simulator, mspId), 'namespaces', `${name}#${definition.sequence}`, structure),
    ]),
  );
}

const approvalsOf = (differences: ReadonlyMap<string, readonly string[]>) =>
  [...differences].map(([key, items]) => ({ key, value: items.length === 0 }));

/** `QueryChaincodeDefinition`. */
export function queryCommitted(call: LifecycleCall, argument: Buffer): Buffer {
  const { name } = DefinitionQuery.decode(argument);
  const { simulator } = channelOf(call);
  const committed = publicState(simulator);
  const definition = readDefinition((key) => committed.get(key), name);
  if (definition === undefined) throw new NotFoundError(`namespace ${name} is not defined`);
  return CommittedDefinition.encode({
    ...definition,
    approvals: approvalsOf(differencesOf(call, name, definition)),
  });
}

/** `QueryChaincodeDefinitions`. */
export async function queryAllCommitted(call: LifecycleCall): Promise<Buffer> {
  const { simulator } = channelOf(call);
  const committed = publicState(simulator);
  const prefix = metadataKey('namespaces', '');
  const range = simulator.range(lifecycleNamespace, prefix, `${prefix}\x7f`);
  const definitions: NamedDefinition[] = [];
  for (let entry = await range.next(); entry !== undefined; entry = await range.next()) {
    if (StateMetadata.decode(entry.value).datatype !== definitionType) continue;
    const name = entry.key.slice(prefix.length);
    const definition = readDefinition((key) => committed.get(key), name);
    if (definition !== undefined) definitions.push({ ...definition, name, source: undefined });
  }
  return NamedDefinitions.encode({ definitions });
}
