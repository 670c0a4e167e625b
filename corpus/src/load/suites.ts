import { PlatformError } from '@medigraph/platform/errors';
import {
  ChannelUnknownError,
  type ConnectionProfile,
  type LedgerClient,
  type LedgerIdentity,
  type TransactionRequest,
} from '@medigraph/platform/ledger';
import { type careTransactions, type claimsTransactions, type ContractErrorCode } from '@medigraph/schema';
import { type z } from 'zod';

/** Where a suite runs. */
export interface Suite {
  readonly channel: string;
  readonly chaincode: string;
}

type Transactions = typeof careTransactions & typeof claimsTransactions;
type TransactionName = keyof Transactions;
type Answer<Name extends TransactionName> = z.infer<Transactions[Name]['answer']>;

/** One call of a contract: its name, its argument, who signs. */
export interface Call<Name extends TransactionName = TransactionName> {
  readonly suite: Suite;
  readonly name: Name;
  readonly argument: z.input<Transactions[Name]['argument']>;
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
    if (!care) throw new ChannelUnknownError('with the suite care');
    this.care = care;
  }

  /** The claims suite of an insurer's organisation. */
  claims(insurerMspId: string): Suite {
    const suite = this.#claims.get(insurerMspId);
    if (suite) return suite;
    throw new ChannelUnknownError(`with the claims of ${insurerMspId}`);
  }

  async submit<Name extends TransactionName>(call: Call<Name>): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#ledger.submit({ ...requestOf(call), ...(this.#signal && { signal: this.#signal }) });
  }

  async evaluate<Name extends TransactionName>(call: Call<Name>): Promise<Answer<Name>> {
    this.#signal?.throwIfAborted();
    return await this.#ledger.evaluate<Answer<Name>>(requestOf(call));
  }

  /** The answer, or undefined if the contract refuses with that code. */
  async find<Name extends TransactionName>(
    call: Call<Name>,
    missing: ContractErrorCode,
  ): Promise<Answer<Name> | undefined> {
    try {
      return await this.evaluate(call);
    } catch (error) {
      if (isRefusal(error, missing)) return undefined;
      throw error;
    }
  }

  /**
   * Submits items in one transaction. If the contract says that one of them exists, halves until each that does not exist
   * is there: the way to come back to what a killed load left.
   */
  async submitAbsent<T, Name extends TransactionName>(
    items: readonly T[],
    exists: ContractErrorCode,
    callFor: (items: T[]) => Call<Name> | Promise<Call<Name>>,
  ): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.submit(await callFor([...items]));
    } catch (error) {
      if (!isRefusal(error, exists)) throw error;
      if (items.length === 1) return;
      const middle = Math.ceil(items.length / 2);
      await this.submitAbsent(items.slice(0, middle), exists, callFor);
      await this.submitAbsent(items.slice(middle), exists, callFor);
    }
  }
}

function requestOf<Name extends TransactionName>(call: Call<Name>): TransactionRequest {
  const { suite, name, argument, signer } = call;
  const [contract = '', transaction = ''] = name.split(':');
  return { ...suite, contract, transaction, argument, signer };
}

function isRefusal(error: unknown, code: ContractErrorCode): boolean {
  return error instanceof PlatformError && error.code === code;
}
