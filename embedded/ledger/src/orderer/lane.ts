import { type Channel } from '../channel.js';
import { type ChannelConfig } from '../config/channel-config.js';
import { type MspCache } from '../config/msp-cache.js';
import { type BatchSettings } from '../config/orderer-settings.js';
import { commitBlock } from '../committer/committer.js';
import { commitConfiguration } from '../committer/config-committer.js';
import { LedgerStorageError, reasonOf } from '../errors.js';
import { type Log } from '../log.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { Envelope, headerType, status } from '../wire/common.js';
import { ConfigEnvelope } from '../wire/config.js';
import { admit, admitUpdate, NotAdmittedError, sizeOf, type OpenedEnvelope } from './admission.js';
import { cutBatch, isFull, type Pending } from './batch-cutter.js';
import { buildBlock } from './block-builder.js';
import { type BroadcastAnswer } from './ordering-service.js';

export interface LaneOptions {
  readonly signer: SigningIdentity;
  readonly msps: MspCache;
  readonly log: Log;
  /** Time that a block waits to fill, where the channel allows more. */
  readonly mostBatchTimeoutMs?: number | undefined;
}

/** Transactions that may wait to be ordered on one channel. */
const longestQueue = 20_000;

/** A message that was admitted under a configuration, which may be another when its turn comes. */
interface Admitted extends Pending {
  readonly sequence: number;
  /** What it makes of the configuration, if that is what it is for. */
  readonly config?: ChannelConfig;
}

const refusal = (code: number, info: string): BroadcastAnswer => ({ status: code, info });

/** One channel's queue. */
export class Lane {
  readonly channel: Channel;
  readonly #options: LaneOptions;
  readonly #queue: Admitted[] = [];
  #running: Promise<void> | undefined;
  #full: (() => void) | undefined;
  #closed = false;

  constructor(channel: Channel, options: LaneOptions) {
    this.channel = channel;
    this.#options = options;
  }

  async take(bytes: Buffer, opened: OpenedEnvelope): Promise<BroadcastAnswer> {
    const { type } = opened.channelHeader;
    const { failure } = this.channel.feed;
    if (failure !== undefined)
      return refusal(status.serviceUnavailable, `${failure.code}: ${failure.message}`);
    if (this.#closed) return refusal(status.serviceUnavailable, 'the ordering service is stopping');
    if (type === headerType.config)
      return refusal(status.badRequest, 'message is of type that cannot be processed directly');
    if (type === headerType.ordererTransaction)
      return refusal(status.badRequest, 'message is of type that is no longer supported');
    try {
      const admitted =
        type === headerType.configUpdate ? await this.#update(opened) : this.#normal(bytes, opened);
      if (this.#queue.length >= longestQueue)
        return refusal(status.serviceUnavailable, 'too many transactions are waiting to be ordered');
      this.#enqueue(admitted);
    } catch (error) {
      if (error instanceof NotAdmittedError) return refusal(error.status, error.message);
      throw error;
    }
    return { status: status.success, info: '' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#full?.();
    await this.#running;
  }

  get #batch(): BatchSettings {
    const { batch } = this.channel.config.orderer;
    const { mostBatchTimeoutMs = batch.timeoutMs } = this.#options;
    return { ...batch, timeoutMs: Math.min(batch.timeoutMs, mostBatchTimeoutMs) };
  }

  #normal(bytes: Buffer, opened: OpenedEnvelope): Admitted {
    const { sequence } = this.channel.config;
    admit(this.channel, opened);
    return { bytes, size: sizeOf(opened.envelope), sequence };
  }

  async #update(opened: OpenedEnvelope): Promise<Admitted> {
    const { signer, msps } = this.#options;
    const { sequence } = this.channel.config;
    return { ...(await admitUpdate(this.channel, opened, signer, msps)), alone: true, sequence };
  }

  #enqueue(admitted: Admitted): void {
    this.#queue.push(admitted);
    if (this.#full !== undefined && isFull(this.#queue, this.#batch)) this.#full();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#fill();
        await this.#readmit();
        const batch = cutBatch(this.#queue, this.#batch);
        if (batch.length === 0) continue;
        this.#queue.splice(0, batch.length);
        await this.#write(batch);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #write(batch: readonly Admitted[]): Promise<void> {
    const { store, lastConfigBlock } = this.channel;
    const { signer, log } = this.#options;
    const envelopes = batch.map(({ bytes }) => bytes);
    const config = batch[0]?.config;
    const lastConfig = config === undefined ? lastConfigBlock : store.height;
    const block = buildBlock(signer, store.height, store.lastHash, envelopes, lastConfig);
    if (config === undefined) await commitBlock(this.channel, block, log);
    else await commitConfiguration(this.channel, block, config, log);
  }

  /** Looks again at what waits since before the last change of configuration, and drops what is refused now. */
  async #readmit(): Promise<void> {
    const { sequence } = this.channel.config;
    if (this.#queue.every((admitted) => admitted.sequence === sequence)) return;
    const waiting = this.#queue.splice(0);
    const kept: Admitted[] = [];
    for (const admitted of waiting) {
      try {
        kept.push(await this.#again(admitted, sequence));
      } catch (error) {
        if (!(error instanceof NotAdmittedError)) throw error;
        this.#options.log.warn('message-dropped', { channel: this.channel.name, reason: error.message });
      }
    }
    this.#queue.unshift(...kept);
  }

  async #again(admitted: Admitted, sequence: number): Promise<Admitted> {
    if (admitted.sequence === sequence) return admitted;
    if (admitted.config === undefined) return this.#normal(admitted.bytes, openEnvelope(admitted.bytes));
    const { lastUpdate } = ConfigEnvelope.decode(openEnvelope(admitted.bytes).data);
    return this.#update(openEnvelope(Envelope.encode(lastUpdate ?? {})));
  }

  /**
   * Waits as long as the batch timeout for a block to fill. With a timeout of zero it takes what came while the block
   * before was written, and all that is already on its way into this process.
   */
  async #fill(): Promise<void> {
    const batch = this.#batch;
    if (this.#closed || isFull(this.#queue, batch)) return;
    if (batch.timeoutMs === 0) {
      await new Promise(setImmediate);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#full?.(), batch.timeoutMs);
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
    this.channel.feed.fail(failure);
    this.#options.log.warn('channel-failed', {
      channel: this.channel.name,
      code: failure.code,
      reason: failure.message,
    });
  }
}
