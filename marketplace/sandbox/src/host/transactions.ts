import { type SandboxLimits } from '../limits.js';
import { type GuestReport, type ReportCode } from '../report.js';
import { dappOfChaincode } from '@medigraph/schema/dapps';
import { type EventRate } from './event-rate.js';
import { invokedChaincode, messageType, type MessageHead } from '../wire/chaincode-message.js';

/** A transaction that a guest is asked for. */
export interface RunningTransaction {
  readonly connection: number;
  readonly channel: string;
  readonly txid: string;
  /** As the peer asked for it. */
  readonly name: string;
  readonly startedAt: number;
  readonly timer: NodeJS.Timeout;
  calls: number;
  writtenBytes: number;
}

const { PUT_STATE, PUT_STATE_METADATA, COMPLETED, ERROR, INVOKE_CHAINCODE } = messageType;

/** What a guest may say in a transaction. */
const allowed = new Set<number>([
  COMPLETED,
  ERROR,
  PUT_STATE,
  PUT_STATE_METADATA,
  INVOKE_CHAINCODE,
  messageType.GET_STATE,
  messageType.DEL_STATE,
  messageType.GET_STATE_BY_RANGE,
  messageType.GET_QUERY_RESULT,
  messageType.QUERY_STATE_NEXT,
  messageType.QUERY_STATE_CLOSE,
  messageType.GET_HISTORY_FOR_KEY,
  messageType.GET_STATE_METADATA,
  messageType.GET_PRIVATE_DATA_HASH,
  messageType.PURGE_PRIVATE_DATA,
]);

/** Chaincodes of the peer itself, which act with the rights of whoever signed. */
const ofPeer: ReadonlySet<string> = new Set(['_lifecycle', 'lscc', 'cscc', 'qscc']);

/**
 * Whether a transaction may invoke what it asks for. Suites know which DApp calls them and hold it to its scopes; another DApp would take it for its
 * own caller, and so would the peer.
 */
function mayInvoke({ channel }: RunningTransaction, head: MessageHead): boolean {
  const invoked = invokedChaincode(head);
  const isHere = invoked.channel === '' || invoked.channel === channel;
  return isHere && !ofPeer.has(invoked.name) && dappOfChaincode(invoked.name) === undefined;
}

export const endsTransaction = (type: number): boolean => type === COMPLETED || type === ERROR;

/** What is wrong with a message of a guest; undefined if nothing is. Counts what the transaction has used. */
export function excessOf(
  transaction: RunningTransaction,
  head: MessageHead,
  limits: SandboxLimits,
  events: EventRate,
): GuestReport | undefined {
  const { type, payload, event } = head;
  const report = (code: ReportCode, message: string): GuestReport => ({
    code,
    message,
    transactionId: transaction.txid,
  });
  if (!allowed.has(type))
    return report('PROTOCOL_VIOLATION', 'the contracts sent what only a peer or the platform may send');
  if (endsTransaction(type)) {
    if (payload.length > limits.resultBytes)
      return report('RESULT_TOO_LARGE', `a transaction returned more than ${limits.resultBytes} bytes`);
    if (event.length > limits.eventBytes)
      return report('EVENT_TOO_LARGE', `an event has more than ${limits.eventBytes} bytes`);
    if (event.length > 0 && !events.admits(transaction.txid))
      return report(
        'TOO_MANY_EVENTS',
        `more than ${limits.eventsPerSecond} transactions within a second have an event`,
      );
    return undefined;
  }
  transaction.calls += 1;
  if (transaction.calls > limits.ledgerCalls)
    return report(
      'TOO_MANY_LEDGER_CALLS',
      `a transaction asked the ledger more than ${limits.ledgerCalls} times`,
    );
  if (type === INVOKE_CHAINCODE && !mayInvoke(transaction, head))
    return report(
      'FORBIDDEN_CHAINCODE',
      'contracts may invoke the suites of the consortium on their own channel, no other DApp and nothing of the peer',
    );
  if (type === PUT_STATE || type === PUT_STATE_METADATA) transaction.writtenBytes += payload.length;
  if (transaction.writtenBytes > limits.writtenBytes)
    return report('TOO_MANY_WRITES', `a transaction wrote more than ${limits.writtenBytes} bytes`);
  return undefined;
}

/** The transactions that run, by connection, channel and id. */
export class RunningTransactions implements Iterable<RunningTransaction> {
  readonly #running = new Map<string, RunningTransaction>();

  get size(): number {
    return this.#running.size;
  }

  add(transaction: RunningTransaction): void {
    this.#running.set(keyOf(transaction.connection, transaction.channel, transaction.txid), transaction);
  }

  find(
    connection: number,
    { channel, txid }: Pick<MessageHead, 'channel' | 'txid'>,
  ): RunningTransaction | undefined {
    return this.#running.get(keyOf(connection, channel, txid));
  }

  end(transaction: RunningTransaction): void {
    clearTimeout(transaction.timer);
    this.#running.delete(keyOf(transaction.connection, transaction.channel, transaction.txid));
  }

  [Symbol.iterator](): Iterator<RunningTransaction> {
    return [...this.#running.values()][Symbol.iterator]();
  }
}

const keyOf = (connection: number, channel: string, txid: string) => `${connection}/${channel}/${txid}`;
