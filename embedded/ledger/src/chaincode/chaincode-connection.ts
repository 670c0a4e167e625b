import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  type ClientDuplexStream,
} from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { reasonOf } from '../errors.js';
import { channelOptions } from '../grpc.js';
import { type Log } from '../log.js';
import { type ServiceAddress } from '../packages/service-address.js';
import { ChaincodeAdditionalParams, ChaincodeMessage, messageType } from '../wire/chaincode.js';
import { ChaincodeId } from '../wire/transaction.js';
import { answerRequest, isRequest, messageTypeName } from './requests.js';
import { type TransactionContext } from './transaction-context.js';

/** What Fabric says when a chaincode goes away in the middle of a transaction; its gateway tells the case by this ending. */
export const streamTerminated = 'chaincode stream terminated';
const executionTimeout = 'timeout expired while executing transaction';

export interface ChaincodeConnectionOptions {
  readonly service: ServiceAddress;
  /** Whose peer connects. */
  readonly mspId: string;
  /** Id that the chaincode must register with. */
  readonly chaincodeId: string;
  /** Time that a transaction may take in the chaincode. */
  readonly executeTimeoutMs: number;
  /** Time to wait for a chaincode that takes the connection and does not register; one that refuses it is not waited for. */
  readonly startTimeoutMs: number;
  readonly log: Log;
}

interface Execution {
  readonly context: TransactionContext;
  readonly finish: (message: ChaincodeMessage) => void;
  readonly fail: (error: Error) => void;
  /** A chaincode may ask one thing at a time in a transaction. */
  asking: boolean;
}

/** Somebody who waits for the chaincode to be there. */
interface Waiting {
  readonly ready: () => void;
  readonly fail: () => void;
}

const firstRetryMs = 50;
const lastRetryMs = 2_000;

/**
 * A peer's side of the conversation with one chaincode server: connects, lets it register, sends it transactions and
 * answers what it asks in them. Reconnects by itself when the chaincode restarts.
 */
export class ChaincodeConnection {
  readonly #options: ChaincodeConnectionOptions;
  readonly #executions = new Map<string, Execution>();
  readonly #waiting = new Set<Waiting>();
  #client: Client | undefined;
  #stream: ClientDuplexStream<Buffer, Buffer> | undefined;
  #state: 'connecting' | 'ready' | 'closed' = 'connecting';
  /** Why the last attempt to connect failed. */
  #lastFailure: string | undefined;
  #retryMs = firstRetryMs;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ChaincodeConnectionOptions) {
    this.#options = options;
    this.#connect();
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  /**
   * Runs a transaction (or `init`); `input` is a `ChaincodeInput`. Resolves to COMPLETED or ERROR.
   * @throws if the chaincode cannot be reached, goes away or takes too long.
   */
  async execute(context: TransactionContext, input: Buffer, init = false): Promise<ChaincodeMessage> {
    await this.#becomeReady();
    const name = context.channelId + context.txId;
    if (this.#executions.has(name))
      throw new Error(`error sending: txid: ${context.txId}(${context.channelId}) exists`);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ChaincodeMessage>((finish, fail) => {
        this.#executions.set(name, { context, finish, fail, asking: false });
        timer = setTimeout(
          () => fail(new Error(`error sending: ${executionTimeout}`)),
          this.#options.executeTimeoutMs,
        );
        this.#send({
          type: init ? messageType.init : messageType.transaction,
          payload: input,
          txid: context.txId,
          channelId: context.channelId,
          proposal: context.signedProposal,
        });
      });
    } finally {
      clearTimeout(timer);
      this.#executions.delete(name);
      for (const query of context.queries.values()) void query.source.close();
      context.queries.clear();
    }
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#retry);
    this.#stream?.cancel();
    this.#client?.close();
    this.#failAll(`error sending: ${streamTerminated}`);
  }

  #connect(): void {
    // A client for each attempt, and a connection of its own: a client that has failed before goes by its memory.
    const { service } = this.#options;
    const client = new Client(service.address, credentialsOf(service), {
      ...channelOptions,
      'grpc.use_local_subchannel_pool': 1,
    });
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(
      peer.ChaincodeService.connect.path,
      (buffer) => buffer,
      (buffer) => buffer,
    );
    this.#client = client;
    this.#stream = stream;
    this.#lastFailure = undefined;
    stream.on('data', (data: Buffer) => {
      try {
        this.#receive(ChaincodeMessage.decode(data));
      } catch (error) {
        const reason = reasonOf(error);
        this.#options.log.warn('chaincode-message-refused', { reason, ...this.#name() });
        this.#lastFailure ??= `error handling chaincode stream for ${this.#options.chaincodeId}: error handling message, ending stream: ${reason}`;
        stream.cancel();
      }
    });
    stream.on('error', (error: Error) => {
      if (this.#lastFailure === undefined) this.#lastFailure = this.#dialFailure(error);
    });
    // Comes exactly once, however the conversation ends.
    stream.on('status', () => this.#disconnected(stream));
  }

  #disconnected(stream: ClientDuplexStream<Buffer, Buffer>): void {
    if (this.#stream !== stream || this.#state === 'closed') return;
    if (this.#state === 'ready') this.#options.log.warn('chaincode-disconnected', this.#name());
    this.#state = 'connecting';
    this.#stream = undefined;
    this.#client?.close();
    this.#failAll(`error sending: ${streamTerminated}`);
    // Nobody is kept waiting for one that is not there.
    for (const { fail } of this.#waiting) fail();
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }

  #failAll(message: string): void {
    for (const { fail } of this.#executions.values()) fail(new Error(message));
  }

  #becomeReady(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    const { chaincodeId, startTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        settle();
      };
      const failure = () => new Error(`could not launch chaincode ${chaincodeId}: ${this.#launchFailure()}`);
      const waiting: Waiting = { ready: done(resolve), fail: done(() => reject(failure())) };
      const timer = setTimeout(waiting.fail, startTimeoutMs);
      this.#waiting.add(waiting);
      if (this.#stream === undefined) this.#connectNow();
    });
  }

  #launchFailure(): string {
    const { chaincodeId } = this.#options;
    if (this.#lastFailure !== undefined) return `connection to ${chaincodeId} failed: ${this.#lastFailure}`;
    // Connected, and it does not register; or not even that.
    return this.#client?.getChannel().getConnectivityState(false) === connectivityState.READY
      ? `timeout expired while starting chaincode ${chaincodeId} for transaction`
      : `connection to ${chaincodeId} failed: ${this.#dialFailure(new Error('context deadline exceeded'))}`;
  }

  #dialFailure({ message }: Error): string {
    const {
      chaincodeId,
      service: { address },
    } = this.#options;
    const reason = message.includes('ECONNREFUSED')
      ? `connection error: desc = "transport: error while dialing: dial tcp ${address}: connect: connection refused"`
      : message;
    return `error cannot create connection for ${chaincodeId}: error creating grpc connection to ${address}: failed to create new connection: ${reason}`;
  }

  /** Does not wait for the next attempt: somebody asks for the chaincode. */
  #connectNow(): void {
    clearTimeout(this.#retry);
    this.#connect();
  }

  #receive(message: ChaincodeMessage): void {
    if (message.type === messageType.keepalive) return;
    if (this.#state === 'connecting') {
      if (message.type !== messageType.register)
        throw new Error(`cannot handle message (${messageTypeName(message.type)}) while in created state`);
      this.#register(ChaincodeId.decode(message.payload).name);
      return;
    }
    const execution = this.#executions.get(message.channelId + message.txid);
    if (message.type === messageType.completed || message.type === messageType.error)
      execution?.finish(message);
    else if (isRequest(message.type)) void this.#answer(execution, message);
    else throw new Error(`cannot handle message (${messageTypeName(message.type)}) while in ready state`);
  }

  #register(id: string): void {
    if (id !== this.#options.chaincodeId) {
      this.#lastFailure = `chaincode at ${this.#options.service.address} registered as '${id}', not '${this.#options.chaincodeId}'`;
      throw new Error(this.#lastFailure);
    }
    this.#send({ type: messageType.registered });
    const offered = ChaincodeAdditionalParams.encode({
      useWriteBatch: true,
      maxSizeWriteBatch: 1000,
      useGetMultipleKeys: true,
      maxSizeGetMultipleKeys: 1000,
    });
    this.#send({ type: messageType.ready, payload: offered });
    this.#state = 'ready';
    this.#retryMs = firstRetryMs;
    this.#options.log.info('chaincode-ready', this.#name());
    for (const { ready } of this.#waiting) ready();
  }

  async #answer(execution: Execution | undefined, message: ChaincodeMessage): Promise<void> {
    // A second request while one is being answered is dropped, as a peer does.
    if (execution?.asking === true) return;
    const { txid, channelId } = message;
    try {
      if (execution === undefined) throw new Error('no ledger context');
      execution.asking = true;
      const answer = answerRequest(execution.context, message);
      const payload = Buffer.isBuffer(answer) ? answer : await answer;
      execution.asking = false;
      this.#send({ type: messageType.response, payload, txid, channelId });
    } catch (error) {
      if (execution !== undefined) execution.asking = false;
      const text = `${messageTypeName(message.type)} failed: transaction ID: ${txid}: ${reasonOf(error)}`;
      this.#send({ type: messageType.error, payload: Buffer.from(text), txid, channelId });
    }
  }

  /** Whoever does not read what it is sent is not listened to meanwhile, so that nothing piles up. */
  #send(message: Partial<ChaincodeMessage>): void {
    const stream = this.#stream;
    if (stream === undefined || stream.write(ChaincodeMessage.encode(message)) || stream.isPaused()) return;
    stream.pause();
    stream.once('drain', () => stream.resume());
  }

  #name(): Record<string, unknown> {
    const { chaincodeId, service, mspId } = this.#options;
    return { chaincode: chaincodeId, address: service.address, mspId };
  }
}

function credentialsOf({ tls }: ServiceAddress): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { rootCertificate, client } = tls;
  return credentials.createSsl(
    Buffer.from(rootCertificate),
    client === undefined ? null : Buffer.from(client.privateKey),
    client === undefined ? null : Buffer.from(client.certificate),
  );
}
