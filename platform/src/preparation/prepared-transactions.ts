import { verify, X509Certificate } from 'node:crypto';
import { type KeyCustody } from '../identity/index.js';
import {
  type LedgerClient,
  type OfflineRequest,
  type Signed,
  type TransactionReference,
  type Unsigned,
} from '../ledger/index.js';
import { SignatureInvalidError } from './errors.js';
import { type Preparation, PreparationSeal } from './preparation-seal.js';

/** What a client is to sign next. */
export interface SigningRequest {
  /** To hand back with the signatures. */
  readonly preparation: string;
  /** Each to be signed: first the proposal, then the transaction and the question for its commit. */
  readonly messages: readonly Uint8Array[];
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What signatures led to. */
export interface Step {
  /** Absent once there is nothing left to sign. */
  readonly next?: SigningRequest;
  /** What the contract answers, as JSON; of a transaction, before it is committed. */
  readonly result?: string;
  /** Once it is committed. */
  readonly transaction?: TransactionReference;
}

/** Milliseconds for a person to agree. Peers take a proposal for 15 minutes. */
const patienceMs = 5 * 60_000;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');
const sealedOf = ({ bytes, message }: Unsigned) => ({ bytes: base64(bytes), message: base64(message) });

/** Prepares transactions for callers who keep their key, and takes them further with each signature. */
export class PreparedTransactions {
  readonly #ledger: Pick<LedgerClient, 'offline'>;
  readonly #seal: PreparationSeal;

  constructor(ledger: Pick<LedgerClient, 'offline'>, custody: Pick<KeyCustody, 'keyedHash'>) {
    this.#ledger = ledger;
    this.#seal = new PreparationSeal(custody);
  }

  /** @param subject - Of the caller, who alone can take the next step. */
  prepare(subject: string, kind: 'submit' | 'evaluate', request: OfflineRequest): SigningRequest {
    const proposal = this.#ledger.offline.prepare(request);
    const { creator, channel } = request;
    return this.#request({
      stage: kind === 'submit' ? 'endorsement' : 'evaluation',
      ...creator,
      subject,
      channel,
      expiresAt: new Date(Date.now() + patienceMs).toISOString(),
      proposal: sealedOf(proposal),
    });
  }

  /**
   * Forwards signatures, one for each message of the request.
   * @throws `PREPARATION_INVALID`, `PREPARATION_EXPIRED`, `SIGNATURE_INVALID`, or a `LedgerError` subclass.
   */
  async advance(subject: string, sealed: string, signatures: readonly Uint8Array[]): Promise<Step> {
    const preparation = this.#seal.open(sealed, subject);
    const { offline } = this.#ledger;
    const { channel, mspId, certificate } = preparation;
    switch (preparation.stage) {
      case 'evaluation': {
        const [proposal] = signedWith(certificate, [preparation.proposal], signatures);
        return { result: textOf(await offline.evaluate(mspId, channel, proposal)) };
      }
      case 'endorsement': {
        const [proposal] = signedWith(certificate, [preparation.proposal], signatures);
        const endorsed = await offline.endorse({ mspId, certificate }, channel, proposal);
        const { proposal: _, ...rest } = preparation;
        const next = this.#request({
          ...rest,
          stage: 'commit',
          transaction: sealedOf(endorsed.transaction),
          commitStatus: sealedOf(endorsed.commitStatus),
        });
        return { next, result: textOf(endorsed.result) };
      }
      case 'commit': {
        const [transaction, commitStatus] = signedWith(
          certificate,
          [preparation.transaction, preparation.commitStatus],
          signatures,
        );
        return { transaction: await offline.submit(mspId, channel, { transaction, commitStatus }) };
      }
    }
  }

  #request(preparation: Preparation): SigningRequest {
    const unsigned =
      preparation.stage === 'commit'
        ? [preparation.transaction, preparation.commitStatus]
        : [preparation.proposal];
    return {
      preparation: this.#seal.seal(preparation),
      messages: unsigned.map(({ message }) => bytesOf(message)),
      expiresAt: preparation.expiresAt,
    };
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Each of what was prepared with its signature, which is checked here so that a wrong one says so. */
function signedWith<const Prepared extends readonly { bytes: string; message: string }[]>(
  certificate: string,
  prepared: Prepared,
  signatures: readonly Uint8Array[],
): { [Index in keyof Prepared]: Signed } {
  if (signatures.length !== prepared.length)
    throw new SignatureInvalidError(`${prepared.length} are needed, and ${signatures.length} were given`);
  const { publicKey } = new X509Certificate(certificate);
  const signed = prepared.map(({ bytes, message }, index) => {
    const signature = signatures[index] ?? new Uint8Array();
    if (!verify('sha256', bytesOf(message), publicKey, signature))
      throw new SignatureInvalidError(
        `signature ${index} is not over message ${index} by the certificate’s key`,
      );
    return { bytes: bytesOf(bytes), signature };
  });
  return signed as { [Index in keyof Prepared]: Signed };
}
