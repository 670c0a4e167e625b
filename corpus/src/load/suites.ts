import { PlatformError } from '@medigraph/platform/errors';
import {
  type ConnectionProfile,
  type LedgerClient,
  type LedgerIdentity,
  type TransactionRequest,
} from '@medigraph/platform/ledger';
import { type ContractErrorCode } from '@medigraph/schema';

/** Where a suite runs. */
export interface Suite {
  readonly channel: string;
  readonly chaincode: string;
}

/** One call of a contract: `Contract:Transaction`, its argument, who signs. */
export interface Call {
  readonly suite: Suite;
  readonly name: `${string}:${string}`;
  readonly argument: unknown;
  readonly signer: LedgerIdentity;
}

/** The contract suites of a network, found by its connection profile. */
export class Suites {
  readonly care: Suite;
  readonly #claims = new Map<string, Suite>();
  readonly #ledger: LedgerClient;
  readonly #signal: AbortSignal | undefined;

  constructor(ledger: LedgerClient, profile: ConnectionProfile, signal?: AbortSignal) {
    this.#ledger = ledger;
    this.#signal = signal;
    let care: Suite | undefined;
    for (const [channel, { suites, insurer }] of Object.entries(profile.channels)) {
      if (suites['care'] !== undefined) care ??= { channel, chaincode: suites['care'] };
      if (suites['claims'] !== undefined && insurer !== undefined) {
        this.#claims.set(insurer, { channel, chaincode: suites['claims'] });
      }
    }
    if (!care) throw new PlatformError('CHANNEL_UNKNOWN', 'no channel of the profile runs the suite care');
    this.care = care;
  }

  /** The claims suite of an insurer's organisation. */
  claims(insurerMspId: string): Suite {
    const suite = this.#claims.get(insurerMspId);
    if (suite) return suite;
    throw new PlatformError('CHANNEL_UNKNOWN', `no channel of the profile has the claims of ${insurerMspId}`);
  }

  async submit(call: Call): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#ledger.submit({ ...requestOf(call), ...(this.#signal && { signal: this.#signal }) });
  }

  async evaluate<T>(call: Call): Promise<T> {
    this.#signal?.throwIfAborted();
    return await this.#ledger.evaluate<T>(requestOf(call));
  }

  /** The answer, or undefined if the contract refuses with that code. */
  async find<T>(call: Call, missing: ContractErrorCode): Promise<T | undefined> {
    try {
      return await this.evaluate<T>(call);
    } catch (error) {
      if (isRefusal(error, missing)) return undefined;
      throw error;
    }
  }

  /**
   * Submits items in one transaction. If the contract says that one of them exists, halves until each that does not exist
   * is there: the way to come back to what a killed load left.
   */
  async submitAbsent<T>(
    items: readonly T[],
    exists: ContractErrorCode,
    callFor: (items: readonly T[]) => Call | Promise<Call>,
  ): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.submit(await callFor(items));
    } catch (error) {
      if (!isRefusal(error, exists)) throw error;
      if (items.length === 1) return;
      const middle = Math.ceil(items.length / 2);
      await this.submitAbsent(items.slice(0, middle), exists, callFor);
      await this.submitAbsent(items.slice(middle), exists, callFor);
    }
  }
}

function requestOf({ suite, name, argument, signer }: Call): TransactionRequest {
  const [contract = '', transaction = ''] = name.split(':');
  return { ...suite, contract, transaction, argument, signer };
}

function isRefusal(error: unknown, code: ContractErrorCode): boolean {
  return error instanceof PlatformError && error.code === code;
}
