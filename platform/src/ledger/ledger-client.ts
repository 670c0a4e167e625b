import { type KeyObject } from 'node:crypto';
import { type OfflineSigning } from './offline-signing.js';

/** Who signs: an X.509 identity of one organisation, and its chain address. */
export interface LedgerIdentity {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
  /** P-256. */
  readonly privateKey: KeyObject;
  /** {@link chainAddressOf} its public key. */
  readonly address: string;
}

/** One call of a contract. The consortium's contracts take one JSON argument and answer JSON. */
export interface TransactionRequest {
  readonly channel: string;
  readonly chaincode: string;
  readonly contract: string;
  readonly transaction: string;
  /** The one argument, as JSON. */
  readonly argument?: unknown;
  /** In its place, for contracts of others: the text of each argument. The result is then text too, as the contract gave it. */
  readonly arguments?: readonly string[];
  readonly signer: LedgerIdentity;
  /** Organisations that must endorse; by default the peer works it out from the endorsement policy. */
  readonly endorsingOrganizations?: readonly string[];
}

export interface SubmitRequest extends TransactionRequest {
  /** Two submits by the same signer with the same key make one transaction, also across restarts of the caller. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Where a committed transaction stands on its channel. */
export interface TransactionReference {
  readonly id: string;
  readonly channel: string;
  readonly block: number;
}

export interface Committed<T> {
  readonly result: T;
  readonly transaction: TransactionReference;
}

/** An event as a contract emitted it. Only events of VALID transactions are ever seen. */
export interface ChaincodeEvent {
  readonly chaincode: string;
  readonly name: string;
  readonly payload: Uint8Array;
}

export interface LedgerTransaction {
  /** Position in the block. */
  readonly index: number;
  readonly id: string;
  /** Of the proposal, as its signer stated it; ISO 8601 in UTC with milliseconds. */
  readonly timestamp: string;
  readonly mspId: string;
  /** Fabric's validation code, such as `VALID` or `MVCC_READ_CONFLICT`. */
  readonly code: string;
  readonly event?: ChaincodeEvent;
}

export interface LedgerBlock {
  readonly channel: string;
  readonly number: number;
  readonly transactions: readonly LedgerTransaction[];
}

/** The ledger as the platform sees it: nothing here tells an embedded network from a real Fabric. */
export interface LedgerClient {
  /**
   * Endorses, orders and waits for the commit. Retries `MVCC_READ_CONFLICT` and phantom reads with a new transaction.
   * @throws a `LedgerError` subclass; see errors.ts in this folder.
   */
  submit<T>(request: SubmitRequest): Promise<Committed<T>>;
  evaluate<T>(request: TransactionRequest): Promise<T>;
  /** Transactions of signers who keep their key. */
  readonly offline: OfflineSigning;
  /** Blocks in order from number `start`, then as they are committed, until the signal aborts. Reconnects by itself. */
  blocks(channel: string, start: number, signal: AbortSignal): AsyncIterable<LedgerBlock>;
  /** True once every channel's peer answers. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}
