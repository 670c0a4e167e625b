import { ClassicLevel } from 'classic-level';
import { CommandError } from '../errors.js';
import type { KeyRange } from './keys.js';

/** One change: a value, or undefined to delete. */
export interface Mutation {
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

/** A fixed state of the store that reads can be pinned to. */
export type Snapshot = ReturnType<Level['snapshot']>;

type Level = ClassicLevel<Buffer, Buffer>;

/** Memory for LevelDB's block cache, in bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Size at which LevelDB turns its log into a table, in bytes. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;
/** Writers wait for the disk once this much is queued, in bytes. */
const QUEUE_BYTES = 32 * 1024 * 1024;

interface Queued {
  readonly value: Buffer | undefined;
  readonly group: number;
}

/**
 * LevelDB with group commit. Writers queue changes and go on; whatever has been queued while the disk was busy becomes the next batch,
 * one fsync for all of it. Until a change is on disk it is in the queue, which {@link readQueued} looks into and readers do not: what
 * a client is shown is durable.
 */
export class Store {
  readonly #level: Level;
  readonly #queued = new Map<string, Queued>();
  #batch: Mutation[] = [];
  #batchBytes = 0;
  /** The group that changes queued now belong to, and the last one that is on disk. */
  #group = 0;
  #durableGroup = -1;
  #flushing: Promise<void> | undefined;
  #failure: Error | undefined;
  /** Adds to each batch what is to be written once for all of its changes. */
  #beforeFlush: () => Mutation[] = () => [];

  private constructor(level: Level) {
    this.#level = level;
  }

  static async open(directory: string): Promise<Store> {
    const level: Level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      cacheSize: CACHE_BYTES,
      writeBufferSize: WRITE_BUFFER_BYTES,
    });
    await level.open();
    return new Store(level);
  }

  set beforeFlush(add: () => Mutation[]) {
    this.#beforeFlush = add;
  }

  /**
   * Queues changes that become durable together, in the order of the calls.
   *
   * @throws {@link CommandError} where an earlier write has failed: the store then takes no more.
   */
  write(mutations: readonly Mutation[]): void {
    if (this.#failure)
      throw new CommandError('InternalError', `the store has failed: ${this.#failure.message}`);
    for (const mutation of mutations) {
      this.#batch.push(mutation);
      this.#batchBytes += mutation.key.length + (mutation.value?.length ?? 0);
      this.#queued.set(mutation.key.toString('latin1'), { value: mutation.value, group: this.#group });
    }
  }

  /** Resolves once all that was written before this call is on disk. */
  async durable(): Promise<void> {
    const group = this.#batch.length > 0 ? this.#group : this.#group - 1;
    while (this.#durableGroup < group) {
      this.#flushing ??= this.#flush();
      await this.#flushing;
    }
    if (this.#failure)
      throw new CommandError('InternalError', `the store has failed: ${this.#failure.message}`);
  }

  /** Whether so much is queued that a writer should wait for {@link durable} before it goes on. */
  get isFull(): boolean {
    return this.#batchBytes > QUEUE_BYTES;
  }

  async #flush(): Promise<void> {
    // Writers of this turn of the event loop share the batch.
    await new Promise(setImmediate);
    const group = this.#group;
    this.#group += 1;
    const batch = [...this.#batch, ...this.#beforeFlush()];
    this.#batch = [];
    this.#batchBytes = 0;
    try {
      await this.#level.batch(
        batch.map(({ key, value }) => (value ? { type: 'put', key, value } : { type: 'del', key })),
        { sync: true },
      );
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    for (const { key } of batch) {
      const name = key.toString('latin1');
      if (this.#queued.get(name)?.group === group) this.#queued.delete(name);
    }
    this.#durableGroup = group;
    this.#flushing = undefined;
  }

  /** A value as writers see it: with what is queued. */
  readQueued(key: Buffer): Buffer | undefined {
    const queued = this.#queued.get(key.toString('latin1'));
    return queued ? queued.value : this.#level.getSync(key);
  }

  /** A durable value. */
  read(key: Buffer, snapshot?: Snapshot): Buffer | undefined {
    return snapshot ? this.#level.getSync(key, { snapshot }) : this.#level.getSync(key);
  }

  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  /** Durable entries in key order, or the reverse of it. */
  iterate(range: KeyRange, options: { snapshot?: Snapshot; reverse?: boolean; limit?: number } = {}) {
    return this.#level.iterator({ ...range, highWaterMarkBytes: 256 * 1024, ...options });
  }

  /** Durable keys in key order. */
  keys(range: KeyRange, options: { snapshot?: Snapshot; reverse?: boolean; limit?: number } = {}) {
    return this.#level.keys({ ...range, highWaterMarkBytes: 256 * 1024, ...options });
  }

  async clear(range: KeyRange): Promise<void> {
    await this.#level.clear({ ...range });
  }

  async size({ gte, lt }: KeyRange): Promise<number> {
    return this.#level.approximateSize(gte, lt);
  }

  async close(): Promise<void> {
    await this.durable().catch(() => undefined);
    await this.#level.close();
  }
}
