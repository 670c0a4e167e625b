import { reasonOf } from '../errors.js';
import { type NamedDefinition } from '../wire/lifecycle.js';
import { type LifecycleCall } from './lifecycle-call.js';
import { checkNaming } from './proposed-definition.js';

/** Whether a chaincode can be defined so on the channel. @throws in Fabric's words. */
export function checkDefinition({ channel }: LifecycleCall, definition: NamedDefinition): void {
  try {
    checkNaming(definition);
    if (channel === undefined) throw new Error("could not get channelconfig for channel ''");
  } catch (error) {
    throw new Error(`error validating chaincode definition: ${reasonOf(error)}`, { cause: error });
  }
}
