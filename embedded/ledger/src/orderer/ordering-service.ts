import { type Channel, AccessDeniedError, checkMember } from '../channel.js';
import { commitBlock } from '../committer/committer.js';
import { LedgerStorageError, reasonOf } from '../errors.js';
import { type Log } from '../log.js';
import { hasExpired } from '../msp/identity.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { type BatchSettings } from '../network.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { headerType, status } from '../wire/common.js';
import { buildBlock } from './block-builder.js';
import { cutBatch, isFull, type Pending } from './batch-cutter.js';

/** Answer of Broadcast. */
export interface BroadcastAnswer {
  readonly status: number;
  readonly info: string;
}

export interface OrderedChannel {
  readonly channel: Channel;
  readonly batch: BatchSettings;
}

/** Transactions that may wait to be ordered on one channel. */
const longestQueue = 20_000;

/** Takes transactions, puts them in order and hands block after block to the committer. */
export class OrderingService {
  readonly #lanes: ReadonlyMap<string, Lane>;

  constructor(channels: readonly OrderedChannel[], signer: SigningIdentity, log: Log) {
    this.#lanes = new Map(channels.map((ordered) => [ordered.channel.name, new Lane(ordered, signer, log)]));
  }

  /** Checks an envelope and queues it. SUCCESS says that it will be in a block, not that it is valid. */
  broadcast(bytes: Buffer): BroadcastAnswer {
    let opened: ReturnType<typeof openEnvelope>;
    try {
      opened = openEnvelope(bytes);
    } catch (error) {
      return refusal(status.badRequest, `could not determine channel ID: ${reasonOf(error)}`);
    }
    const lane = this.#lanes.get(opened.channelHeader.channelId);
    return lane === undefined
      ? refusal(status.badRequest, 'channel does not exist')
      : lane.take(bytes, opened);
  }

  /** Writes what was taken and stops. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}

const refusal = (code: number, info: string): BroadcastAnswer => ({ status: code, info });

/** One channel's queue. */
class Lane {
  readonly #channel: Channel;
  readonly #batch: BatchSettings;
  readonly #signer: SigningIdentity;
  readonly #log: Log;
  readonly #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #full: (() => void) | undefined;
  #closed = false;

  constructor({ channel, batch }: OrderedChannel, signer: SigningIdentity, log: Log) {
    this.#channel = channel;
    this.#batch = batch;
    this.#signer = signer;
    this.#log = log;
  }

  take(bytes: Buffer, opened: ReturnType<typeof openEnvelope>): BroadcastAnswer {
    const { envelope, channelHeader, signatureHeader } = opened;
    const { failure } = this.#channel.feed;
    if (failure !== undefined)
      return refusal(status.serviceUnavailable, `${failure.code}: ${failure.message}`);
    if (this.#closed) return refusal(status.serviceUnavailable, 'the ordering service is stopping');
    if (channelHeader.type === headerType.configUpdate || channelHeader.type === headerType.config)
      return refusal(status.badRequest, 'message is of type that cannot be processed directly');
    if (envelope.payload.length === 0) return refusal(status.badRequest, 'message payload is empty');
    const size = envelope.payload.length + envelope.signature.length;
    if (size > this.#batch.absoluteMaxBytes)
      return refusal(
        status.badRequest,
        `message payload is ${size} bytes and exceeds maximum allowed ${this.#batch.absoluteMaxBytes} bytes`,
      );
    try {
      const identity = checkMember(this.#channel, 'Writers', {
        identity: signatureHeader.creator,
        data: envelope.payload,
        signature: envelope.signature,
      });
      if (hasExpired(identity)) return refusal(status.badRequest, 'broadcast client identity expired');
    } catch (error) {
      if (error instanceof AccessDeniedError)
        return refusal(status.forbidden, `${error.message}: permission denied`);
      throw error;
    }
    if (this.#queue.length >= longestQueue)
      return refusal(status.serviceUnavailable, 'too many transactions are waiting to be ordered');
    this.#queue.push({ bytes, size });
    if (this.#full !== undefined && isFull(this.#queue, this.#batch)) this.#full();
    this.#running ??= this.#run();
    return { status: status.success, info: '' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#full?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#fill();
        const batch = cutBatch(this.#queue, this.#batch);
        this.#queue.splice(0, batch.length);
        const { store } = this.#channel;
        const envelopes = batch.map(({ bytes }) => bytes);
        const block = buildBlock(this.#signer, store.height, store.lastHash, envelopes, 0);
        await commitBlock(this.#channel, block, this.#log);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  /**
   * Waits as long as the batch timeout for a block to fill. With a timeout of zero it takes what came while the block
   * before was written, and all that is already on its way into this process.
   */
  async #fill(): Promise<void> {
    if (this.#closed || isFull(this.#queue, this.#batch)) return;
    if (this.#batch.timeoutMs === 0) {
      await new Promise(setImmediate);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#full?.(), this.#batch.timeoutMs);
      this.#full = () => {
        clearTimeout(timer);
        this.#full = undefined;
        resolve();
      };
    });
  }

  #fail(error: unknown): void {
    const failure =
      error instanceof LedgerStorageError ? error : new LedgerStorageError(reasonOf(error), { cause: error });
    this.#queue.length = 0;
    this.#channel.feed.fail(failure);
    this.#log.warn('channel-failed', {
      channel: this.#channel.name,
      code: failure.code,
      reason: failure.message,
    });
  }
}
