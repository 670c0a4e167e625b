import { reasonOf } from '../errors.js';
import { type NamedDefinition } from '../wire/lifecycle.js';
import { noBytes } from '../wire/message.js';
import { readDefinition } from './chaincode-definition.js';
import { checkCollections, checkKeptCollections } from './collection-rules.js';
import { type LifecycleCall } from './lifecycle-call.js';
import { publicState } from './organization-state.js';
import { checkNaming } from './proposed-definition.js';
import { legacyNamespace } from './state-layout.js';

/** Whether a chaincode can be defined so on the channel. @throws in Fabric's words. */
export function checkDefinition(call: LifecycleCall, definition: NamedDefinition): void {
  try {
    check(call, definition);
  } catch (error) {
    throw new Error(`error validating chaincode definition: ${reasonOf(error)}`, { cause: error });
  }
}

function check({ channel, simulator }: LifecycleCall, definition: NamedDefinition): void {
  checkNaming(definition);
  if (channel === undefined || simulator === undefined)
    throw new Error("could not get channelconfig for channel ''");
  const collections = checkCollections(definition.collections ?? noBytes, channel.config.members);
  const state = publicState(simulator);
  const committed = readDefinition((key) => state.get(key), definition.name);
  if (committed === undefined) simulator.getState(legacyNamespace, definition.name);
  else checkKeptCollections(collections, committed.collections);
}
