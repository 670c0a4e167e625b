import { type TransactionReference } from '../ledger/ledger-client.js';
import { base64, fromBase64 } from './bytes.js';
import { verifyCommitStatus, verifyTransaction } from './endorsed-transaction.js';
import { PreparationForgedError } from './errors.js';
import { type WalletGraph } from './graph.js';
import { type SigningKey } from './keys.js';
import { type Intent, verifyProposal } from './proposal.js';

interface SigningRequest {
  readonly preparation: string;
  readonly messages: readonly string[];
}
interface Step {
  readonly next: SigningRequest | null;
  readonly result: string | null;
  readonly transaction: TransactionReference | null;
}

const prepare = `mutation WalletPrepare($input: PrepareTransactionInput!) {
  prepareTransaction(input: $input) { preparation messages }
}`;
const submit = `mutation WalletSubmit($input: SubmitSignedInput!) {
  submitSigned(input: $input) { next { preparation messages } result transaction { id channel block } }
}`;

/** A transaction that was committed, and what the contract answered, as JSON. */
export interface Signed {
  readonly result: string;
  readonly transaction: TransactionReference;
}

/**
 * One transaction, from what the wallet means to its commit. Nothing is signed that was not read and found to be what
 * was meant.
 */
export class SigningSession {
  readonly #graph: WalletGraph;
  readonly #key: SigningKey;
  readonly #intent: Intent;

  constructor(graph: WalletGraph, key: SigningKey, intent: Intent) {
    this.#graph = graph;
    this.#key = key;
    this.#intent = intent;
  }

  /** @throws `PREPARATION_FORGED`, or what the graph says. */
  async submit(): Promise<Signed> {
    const prepared = await this.#prepare();
    const proposal = await verifyProposal(onlyMessage(prepared), this.#intent);
    const { next } = await this.#sign(prepared);
    if (!next) throw new PreparationForgedError('there is no transaction to sign');
    const [transaction = '', commitStatus = '', ...more] = next.messages;
    if (more.length > 0) throw new PreparationForgedError('more is to be signed than the transaction');
    const result = await verifyTransaction(fromBase64(transaction), proposal);
    verifyCommitStatus(fromBase64(commitStatus), this.#intent.channel, proposal);
    const { transaction: committed } = await this.#sign(next);
    if (committed?.id !== proposal.transactionId)
      throw new PreparationForgedError('another transaction was committed');
    return { result, transaction: committed };
  }

  /** @throws `PREPARATION_FORGED`, or what the graph says. */
  async evaluate(): Promise<string> {
    const prepared = await this.#prepare();
    await verifyProposal(onlyMessage(prepared), this.#intent);
    return (await this.#sign(prepared)).result ?? '';
  }

  async #prepare(): Promise<SigningRequest> {
    const { transaction, argument, certificate, nonce } = this.#intent;
    const input = { transaction, argument, certificate, nonce: base64(nonce) };
    const data = await this.#graph.request<{ prepareTransaction: SigningRequest }>(prepare, { input });
    return data.prepareTransaction;
  }

  async #sign({ preparation, messages }: SigningRequest): Promise<Step> {
    const signatures = await Promise.all(
      messages.map((message) => this.#key.signForLedger(fromBase64(message))),
    );
    const input = { preparation, signatures };
    return (await this.#graph.request<{ submitSigned: Step }>(submit, { input })).submitSigned;
  }
}

/** All that there is to sign: what is not looked at is not signed. */
function onlyMessage({ messages }: SigningRequest): Uint8Array {
  const [message, ...more] = messages;
  if (message === undefined || more.length > 0)
    throw new PreparationForgedError(`${messages.length} messages are to be signed in place of one`);
  return fromBase64(message);
}
