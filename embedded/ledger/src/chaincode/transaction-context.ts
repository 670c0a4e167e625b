import { type CollectionAccess } from '../collections/collection-access.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { type ChannelStore } from '../store/channel-store.js';
import { type ChaincodeMessage } from '../wire/chaincode.js';
import { type OpenQuery } from './queries.js';

/** One transaction that a chaincode is executing for one peer. */
export interface TransactionContext {
  readonly channelId: string;
  readonly txId: string;
  /** Namespace whose state the chaincode may touch: its own name. */
  readonly namespace: string;
  readonly simulator: TxSimulator;
  readonly collections: CollectionAccess;
  readonly store: ChannelStore;
  /** `SignedProposal`. */
  readonly signedProposal: Buffer;
  /**
   * Calls another chaincode within the same transaction; `input` is a `ChaincodeInput`.
   * @param channel - empty for the transaction's own
   */
  invoke(channel: string, chaincode: string, input: Buffer): Promise<ChaincodeMessage>;
  readonly queries: Map<string, OpenQuery>;
}
