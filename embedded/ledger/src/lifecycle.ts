import { type TxSimulator } from './simulate/tx-simulator.js';
import { type StateUpdate } from './store/channel-store.js';
import { int64, message } from './wire/message.js';

/** Where Fabric keeps the definitions of a channel's chaincodes. */
export const lifecycleNamespace = '_lifecycle';

const sequenceKey = (chaincode: string) => `namespaces/fields/${chaincode}/Sequence`;
const StateData = message('lifecycle.StateData', { int64: int64(1) });
const firstSequence = 1;

/**
 * A channel's chaincodes as state: the sequence of each definition, which a transaction reads before it runs the
 * chaincode. They are agreed on with the channel itself, so they come with its first block.
 */
export function definedWithFirstBlock(chaincodes: Iterable<string>): StateUpdate[] {
  const version = { blockNum: 0, txNum: 0 };
  const value = { value: StateData.encode({ int64: firstSequence }), version, metadata: [] };
  return [...chaincodes].map((name) => ({
    namespace: lifecycleNamespace,
    key: sequenceKey(name),
    value,
    version,
  }));
}

/** Notes in a transaction's read set which definition of a chaincode it goes by: it is void if another is committed first. */
export function readDefinition(simulator: TxSimulator, chaincode: string): void {
  simulator.getState(lifecycleNamespace, sequenceKey(chaincode));
}
