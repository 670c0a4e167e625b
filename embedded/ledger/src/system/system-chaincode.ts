import { type Channel } from '../channel.js';
import { type SignedData } from '../policy/policy-manager.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { noBytes } from '../wire/message.js';
import { type Response } from '../wire/transaction.js';

/** One call of a system chaincode. */
export interface SystemCall {
  readonly args: readonly Buffer[];
  /** The channel that it is called on; undefined for a call that concerns the peer alone. */
  readonly channel: Channel | undefined;
  /** The client's proposal, as access control looks at it. */
  readonly signed: SignedData;
  /** The chaincode that the client's proposal names: another, if that calls this one. */
  readonly proposed: string;
  /** Undefined where the chaincode does not simulate, or there is no channel. */
  readonly simulator: TxSimulator | undefined;
}

/** A chaincode that is part of the peer: it runs in its process and needs no definition. */
export interface SystemChaincode {
  readonly name: string;
  /** True if what it reads and writes goes into a transaction. */
  readonly simulates: boolean;
  invoke(call: SystemCall): Promise<Response>;
}

/** Version that endorsements of system chaincodes name. */
export const systemChaincodeVersion = 'syscc';

export const success = (payload: Buffer = noBytes): Response => ({ status: 200, message: '', payload });
export const failure = (message: string, status = 500): Response => ({ status, message, payload: noBytes });
