import { StatusCode, type Status, type Transaction } from '@hyperledger/fabric-gateway';
import { inSpan } from '../telemetry/tracing.js';
import { Backoff } from '../time/backoff.js';
import { argumentsOf } from './call-encoding.js';
import { type CausalOrder } from './causal-order.js';
import { commitStatusOf } from './commit-status.js';
import { transactionContent, validationCodeName } from './block-decoder.js';
import {
  CommitFailedError,
  CommitStatusUnknownError,
  ContractRefusedError,
  IdempotencyKeyReusedError,
  LedgerCancelledError,
  LedgerError,
  LedgerUnavailableError,
} from './errors.js';
import { isOthersDisagreement, isRefusedForGood, isUnavailable, ledgerErrorOf } from './gateway-failures.js';
import { type Gateways, type Session } from './gateways.js';
import { withIdempotencyKey } from './idempotent-proposal.js';
import { type SubmitRequest } from './ledger-client.js';

/** How often and how long a submission tries. */
export interface SubmissionLimits {
  /** Attempts to get an endorsement from a peer that is not there. */
  readonly unavailableAttempts: number;
  /** Milliseconds in which a transaction that may have been submitted must show up before it is submitted again. */
  readonly lookupMs: number;
  /** Milliseconds to wait for a commit in all, whatever happens to connections meanwhile. */
  readonly commitMs: number;
  readonly onRetry: (reason: string) => void;
}

/** Where a transaction came to. */
export interface Outcome {
  readonly transactionId: string;
  readonly validationCode: string;
  readonly block: number;
  readonly result: Uint8Array;
}

/** Endorsements tried while other organisations' peers do not follow: each is a few milliseconds behind at most. */
const disagreementAttempts = 5;

const pauses = { initial: 50, limit: 2_000 };

/**
 * One transaction, from the proposal to its commit. Once it has an id it stays that transaction: whatever is repeated
 * here is repeated with the same bytes and the same id, and a channel commits an id once.
 */
export class Submission {
  readonly #gateways: Gateways;
  readonly #order: CausalOrder;
  readonly #request: SubmitRequest;
  readonly #attempt: number;
  readonly #limits: SubmissionLimits;

  /** @param attempt - Counts the transactions that were tried for the same request. */
  constructor(
    gateways: Gateways,
    order: CausalOrder,
    request: SubmitRequest,
    attempt: number,
    limits: SubmissionLimits,
  ) {
    this.#gateways = gateways;
    this.#order = order;
    this.#request = request;
    this.#attempt = attempt;
    this.#limits = limits;
  }

  /** @throws a `LedgerError` subclass; a transaction found invalid is an outcome, not an error. */
  async run(): Promise<Outcome> {
    const endorsed = await inSpan({ name: 'ledger endorse' }, () => this.#endorse());
    if ('recorded' in endorsed) return this.#replay(endorsed.recorded);
    const { transaction } = endorsed;
    const transactionId = transaction.getTransactionId();
    this.#stopIfCancelled(transactionId);
    const status = await this.#submit(transaction);
    if (status.code !== StatusCode.DUPLICATE_TXID) {
      return outcomeOf(status, transaction.getResult());
    }
    // Somebody submitted the same transaction first, and theirs counts.
    const recorded = await this.#lookUp(transactionId);
    if (!recorded || recorded.code === StatusCode.DUPLICATE_TXID) {
      throw new CommitFailedError(transactionId, 'DUPLICATE_TXID', Number(status.blockNumber));
    }
    return this.#replay(recorded);
  }

  async #endorse(): Promise<{ transaction: Transaction } | { recorded: Status }> {
    const backoff = new Backoff(pauses);
    for (let attempt = 1; ; attempt += 1) {
      this.#stopIfCancelled();
      const session = this.#session();
      await this.#order.caughtUp(session, this.#request.channel, this.#request.signer);
      const proposal = this.#proposal(session);
      try {
        return { transaction: await proposal.endorse() };
      } catch (error) {
        const failure = ledgerErrorOf(error, 'endorse', proposal.getTransactionId());
        if (isUnavailable(error) && attempt < this.#limits.unavailableAttempts) {
          session.failed();
          this.#limits.onRetry('unavailable');
          await backoff.pause(this.#request.signal);
          continue;
        }
        if (isOthersDisagreement(error, this.#request.signer.mspId) && attempt < disagreementAttempts) {
          this.#limits.onRetry('endorsers-disagree');
          await backoff.pause(this.#request.signal);
          continue;
        }
        const recorded = await this.#recordedInstead(failure, proposal.getTransactionId());
        if (recorded) return { recorded };
        throw failure;
      }
    }
  }

  /**
   * Peers refuse to endorse a transaction id that is on the ledger, before they ask the contract. So with an idempotency
   * key, a refusal that is not a contract's may mean that an earlier submit went through.
   */
  async #recordedInstead(failure: Error, transactionId: string): Promise<Status | undefined> {
    if (this.#request.idempotencyKey === undefined) return undefined;
    if (!(failure instanceof LedgerError)) return undefined;
    if (failure instanceof ContractRefusedError || failure instanceof LedgerUnavailableError)
      return undefined;
    return this.#lookUp(transactionId);
  }

  #proposal(session: Session) {
    const { channel, chaincode, contract, transaction, idempotencyKey } = this.#request;
    const proposal = session.gateway
      .getNetwork(channel)
      .getContract(chaincode, contract)
      .newProposal(transaction, {
        arguments: argumentsOf(this.#request),
        ...(this.#request.endorsingOrganizations && {
          endorsingOrganizations: [...this.#request.endorsingOrganizations],
        }),
      });
    if (idempotencyKey === undefined) return proposal;
    const scope = { channel, idempotencyKey, attempt: this.#attempt };
    return session.gateway.newProposal(withIdempotencyKey(proposal.getBytes(), scope));
  }

  async #submit(transaction: Transaction): Promise<Status> {
    const transactionId = transaction.getTransactionId();
    try {
      await inSpan({ name: 'ledger order' }, () => transaction.submit());
    } catch (error) {
      if (isRefusedForGood(error)) throw ledgerErrorOf(error, 'submit', transactionId);
      return this.#afterUnknownSubmit(transaction, error);
    }
    return inSpan({ name: 'ledger commit' }, () => this.#awaitCommit(transactionId));
  }

  /** The ordering service may or may not have it: look for it, and only then hand over the same bytes again. */
  async #afterUnknownSubmit(transaction: Transaction, cause: unknown): Promise<Status> {
    const transactionId = transaction.getTransactionId();
    const backoff = new Backoff(pauses);
    const until = Date.now() + this.#limits.commitMs;
    while (Date.now() < until) {
      this.#limits.onRetry('unknown-submit');
      await backoff.pause();
      const found = await this.#lookUp(transactionId);
      if (found) return found;
      const session = this.#session();
      try {
        await session.gateway.newTransaction(transaction.getBytes()).submit();
      } catch (error) {
        if (isRefusedForGood(error)) break;
        if (isUnavailable(error)) session.failed();
        continue;
      }
      return this.#awaitCommit(transactionId);
    }
    throw new CommitStatusUnknownError(transactionId, { cause });
  }

  async #awaitCommit(transactionId: string): Promise<Status> {
    const backoff = new Backoff(pauses);
    const until = Date.now() + this.#limits.commitMs;
    let cause: unknown;
    while (Date.now() < until) {
      const session = this.#session();
      try {
        return await this.#statusOf(session, transactionId, until);
      } catch (error) {
        cause = error;
        if (!isUnavailable(error)) break;
        session.failed();
        this.#limits.onRetry('unknown-commit');
        await backoff.pause();
      }
    }
    throw new CommitStatusUnknownError(transactionId, { cause });
  }

  /** The status of a transaction that may be on the ledger; undefined if it does not show up in time. */
  async #lookUp(transactionId: string): Promise<Status | undefined> {
    const session = this.#session();
    try {
      return await this.#statusOf(session, transactionId, Date.now() + this.#limits.lookupMs);
    } catch (error) {
      if (isUnavailable(error)) session.failed();
      return undefined;
    }
  }

  async #statusOf(session: Session, transactionId: string, deadline: number): Promise<Status> {
    const { channel, signer } = this.#request;
    const status = await commitStatusOf(session.gateway, { channel, transactionId, signer, deadline });
    this.#order.committed(session.client, channel, { block: Number(status.blockNumber), transactionId });
    return status;
  }

  /** The outcome of an earlier submit of this transaction, its result read from its block. */
  async #replay(status: Status): Promise<Outcome> {
    if (!status.successful) return outcomeOf(status, new Uint8Array());
    const network = this.#session().gateway.getNetwork(this.#request.channel);
    const blocks = await network
      .newBlockEventsRequest({ startBlock: status.blockNumber })
      .getEvents({ deadline: Date.now() + this.#limits.commitMs });
    try {
      for await (const block of blocks) {
        const content = transactionContent(block, status.transactionId);
        const called = Buffer.from(content?.input[0] ?? []).toString();
        // Arguments are not compared: a body that is sealed again has another ciphertext.
        if (!content || called !== `${this.#request.contract}:${this.#request.transaction}`) {
          throw new IdempotencyKeyReusedError(status.transactionId);
        }
        return outcomeOf(status, content.result);
      }
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      throw new CommitStatusUnknownError(status.transactionId, { cause: error });
    } finally {
      blocks.close();
    }
    throw new CommitStatusUnknownError(status.transactionId);
  }

  #session(): Session {
    return this.#gateways.session(this.#request.signer);
  }

  #stopIfCancelled(transactionId?: string): void {
    if (this.#request.signal?.aborted) throw new LedgerCancelledError({ transactionId });
  }
}

function outcomeOf(status: Status, result: Uint8Array): Outcome {
  return {
    transactionId: status.transactionId,
    validationCode: validationCodeName(status.code),
    block: Number(status.blockNumber),
    result,
  };
}
