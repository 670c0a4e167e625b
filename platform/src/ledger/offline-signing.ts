import { type Status, StatusCode, type Transaction } from '@hyperledger/fabric-gateway';
import { gateway as messages } from '@hyperledger/fabric-protos';
import { Backoff } from '../time/backoff.js';
import { validationCodeName } from './block-decoder.js';
import { argumentsOf } from './call-encoding.js';
import { type CausalOrder } from './causal-order.js';
import { type ConnectionProfile } from './connection-profile.js';
import { CommitFailedError, CommitStatusUnknownError } from './errors.js';
import { isRefusedForGood, isUnavailable, ledgerErrorOf } from './gateway-failures.js';
import { type Gateways, type Session } from './gateways.js';
import { type TransactionReference, type TransactionRequest } from './ledger-client.js';
import { organizationIdentity } from './organization-identity.js';
import { type Creator, creatorOf, withHeader } from './proposal-header.js';

/** A call of a contract whose signer keeps the key. */
export interface OfflineRequest extends Omit<TransactionRequest, 'signer'> {
  readonly creator: Creator;
  /** Of the signer's choice: 24 bytes that it never used before. The transaction's id is the digest of it and the creator. */
  readonly nonce: Uint8Array;
}

/** Something that waits for a signature. */
export interface Unsigned {
  /** What to hand back with the signature. */
  readonly bytes: Uint8Array;
  /** What the signature is over: ECDSA on P-256 over SHA-256, DER, S in the lower half. */
  readonly message: Uint8Array;
}

export interface UnsignedProposal extends Unsigned {
  readonly transactionId: string;
}

/** An endorsed transaction, and the question for its commit. */
export interface UnsignedTransaction {
  readonly transaction: Unsigned;
  readonly commitStatus: Unsigned;
  /** What the contract would answer. */
  readonly result: Uint8Array;
}

export interface Signed {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Transactions in steps, for signers whose key the platform does not have: it prepares bytes and forwards signatures. Any
 * organisation's peer may be asked; it does so through one of the signer's own.
 */
export interface OfflineSigning {
  prepare(request: OfflineRequest): UnsignedProposal;
  /** @throws a `LedgerError` subclass. */
  evaluate(mspId: string, channel: string, proposal: Signed): Promise<Uint8Array>;
  /** @throws a `LedgerError` subclass. */
  endorse(creator: Creator, channel: string, proposal: Signed): Promise<UnsignedTransaction>;
  /**
   * Submits and waits for the commit. To do it again with the same bytes is to wait for the same transaction.
   * @throws a `LedgerError` subclass; `COMMIT_FAILED` if it was found invalid.
   */
  submit(
    mspId: string,
    channel: string,
    signed: { readonly transaction: Signed; readonly commitStatus: Signed },
  ): Promise<TransactionReference>;
}

/** How often and how long it tries. */
export interface OfflineSigningLimits {
  readonly unavailableAttempts: number;
  readonly commitMs: number;
}

const pauses = { initial: 50, limit: 2_000 };

/** {@link OfflineSigning} through the gateways of a client. */
export class GatewayOfflineSigning implements OfflineSigning {
  readonly #profile: ConnectionProfile;
  readonly #gateways: Gateways;
  readonly #order: CausalOrder;
  readonly #limits: OfflineSigningLimits;

  constructor(
    profile: ConnectionProfile,
    gateways: Gateways,
    order: CausalOrder,
    limits: OfflineSigningLimits,
  ) {
    this.#profile = profile;
    this.#gateways = gateways;
    this.#order = order;
    this.#limits = limits;
  }

  prepare(request: OfflineRequest): UnsignedProposal {
    const { channel, chaincode, contract, transaction, creator, nonce } = request;
    const { gateway } = this.#session(creator.mspId);
    const draft = gateway
      .getNetwork(channel)
      .getContract(chaincode, contract)
      .newProposal(transaction, {
        arguments: argumentsOf(request),
        ...(request.endorsingOrganizations && {
          endorsingOrganizations: [...request.endorsingOrganizations],
        }),
      });
    const bytes = withHeader(draft.getBytes(), { nonce, creator: creatorOf(creator) });
    const proposal = gateway.newProposal(bytes);
    // The gateways hash nothing by themselves, so what they call the digest is the message.
    return { bytes, message: proposal.getDigest(), transactionId: proposal.getTransactionId() };
  }

  async evaluate(mspId: string, channel: string, { bytes, signature }: Signed): Promise<Uint8Array> {
    try {
      return await this.#whileUnavailable(mspId, channel, ({ gateway }) =>
        gateway.newSignedProposal(bytes, signature).evaluate(),
      );
    } catch (error) {
      throw ledgerErrorOf(error, 'evaluate');
    }
  }

  async endorse(
    creator: Creator,
    channel: string,
    { bytes, signature }: Signed,
  ): Promise<UnsignedTransaction> {
    let transaction: Transaction;
    try {
      transaction = await this.#whileUnavailable(creator.mspId, channel, ({ gateway }) =>
        gateway.newSignedProposal(bytes, signature).endorse(),
      );
    } catch (error) {
      throw ledgerErrorOf(error, 'endorse');
    }
    const request = new messages.CommitStatusRequest();
    request.setChannelId(channel);
    request.setTransactionId(transaction.getTransactionId());
    request.setIdentity(creatorOf(creator));
    const signed = new messages.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    return {
      transaction: { bytes: transaction.getBytes(), message: transaction.getDigest() },
      commitStatus: { bytes: signed.serializeBinary(), message: signed.getRequest_asU8() },
      result: transaction.getResult(),
    };
  }

  async submit(
    mspId: string,
    channel: string,
    { transaction, commitStatus }: { readonly transaction: Signed; readonly commitStatus: Signed },
  ): Promise<TransactionReference> {
    const session = this.#session(mspId);
    const signed = session.gateway.newSignedTransaction(transaction.bytes, transaction.signature);
    const id = signed.getTransactionId();
    try {
      await signed.submit();
    } catch (error) {
      if (isRefusedForGood(error)) throw ledgerErrorOf(error, 'submit', id);
      // The ordering service may or may not have it: its peers will say.
      if (isUnavailable(error)) session.failed();
    }
    const status = await this.#statusOf(mspId, id, commitStatus);
    const block = Number(status.blockNumber);
    this.#order.committed(this.#session(mspId).client, channel, { block, transactionId: id });
    if (status.code !== StatusCode.VALID)
      throw new CommitFailedError(id, validationCodeName(status.code), block);
    return { id, channel, block };
  }

  async #statusOf(mspId: string, id: string, { bytes, signature }: Signed): Promise<Status> {
    const backoff = new Backoff(pauses);
    const deadline = Date.now() + this.#limits.commitMs;
    for (;;) {
      const session = this.#session(mspId);
      try {
        return await session.gateway.newSignedCommit(bytes, signature).getStatus({ deadline });
      } catch (error) {
        if (!isUnavailable(error) || Date.now() >= deadline)
          throw new CommitStatusUnknownError(id, { cause: error });
        session.failed();
        await backoff.pause();
      }
    }
  }

  async #whileUnavailable<T>(
    mspId: string,
    channel: string,
    call: (session: Session) => Promise<T>,
  ): Promise<T> {
    const backoff = new Backoff(pauses);
    for (let attempt = 1; ; attempt += 1) {
      const session = this.#session(mspId);
      await this.#order.caughtUp(session, channel, organizationIdentity(this.#profile, mspId));
      try {
        return await call(session);
      } catch (error) {
        if (!isUnavailable(error) || attempt >= this.#limits.unavailableAttempts) throw error;
        session.failed();
        await backoff.pause();
      }
    }
  }

  /** The organisation's gateway: with signatures given, it signs nothing of its own. */
  #session(mspId: string): Session {
    return this.#gateways.session(organizationIdentity(this.#profile, mspId));
  }
}
