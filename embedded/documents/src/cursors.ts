import { randomBytes } from 'node:crypto';
import { Long } from 'bson';
import { CommandError } from './errors.js';
import { type Operation } from './operation.js';
import { encodeCursorAnswer } from './wire/cursor-answer.js';

/** Documents by the chunk, encoded. */
export type DocumentStream = AsyncGenerator<readonly Uint8Array[], void>;

/** Bytes of documents that one answer holds, unless a single one is larger. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Documents of a first batch where the client does not say. */
const DEFAULT_FIRST_BATCH = 101;
/** Time after which a cursor that no one asks is closed, in milliseconds. */
const IDLE_MILLIS = 10 * 60 * 1000;
/** Cursors open at a time, beyond which the one unused for longest is closed. */
const MAX_OPEN = 10_000;

interface OpenCursor {
  readonly id: Long;
  readonly namespace: string;
  readonly operation: Operation;
  readonly source: BatchSource;
  readonly keepAlive: boolean;
  lastUsed: number;
  busy: boolean;
}

/** Takes so many documents at a time off a stream. */
class BatchSource {
  readonly #stream: DocumentStream;
  #pending: readonly Uint8Array[] = [];
  #at = 0;
  #ended = false;

  constructor(stream: DocumentStream) {
    this.#stream = stream;
  }

  async take(count: number): Promise<Uint8Array[]> {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    while (taken.length < count && (await this.#fill())) {
      const next = this.#pending[this.#at];
      if (!next || (taken.length > 0 && bytes + next.length > BATCH_BYTES)) break;
      taken.push(next);
      bytes += next.length;
      this.#at += 1;
    }
    return taken;
  }

  /** Whether there is a document to take. */
  async #fill(): Promise<boolean> {
    while (this.#at >= this.#pending.length && !this.#ended) {
      const next = await this.#stream.next();
      this.#ended = next.done === true;
      this.#pending = next.done ? [] : next.value;
      this.#at = 0;
    }
    return this.#at < this.#pending.length;
  }

  /** Whether nothing is left; looks ahead no further than what has been fetched. */
  async isEmpty(): Promise<boolean> {
    return !(await this.#fill());
  }

  async close(): Promise<void> {
    await this.#stream.return(undefined);
  }
}

export interface FirstBatchOptions {
  readonly namespace: string;
  readonly operation: Operation;
  /** Documents of the first batch; undefined for the default. */
  readonly batchSize?: number;
  /** Close after the first batch, whatever is left. */
  readonly singleBatch?: boolean;
  readonly noCursorTimeout?: boolean;
}

/** The open cursors of all clients. */
export class Cursors {
  readonly #open = new Map<string, OpenCursor>();
  readonly #sweeper: NodeJS.Timeout;

  constructor() {
    this.#sweeper = setInterval(() => this.#closeIdle(), 60_000);
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Answers a query with its first batch, and opens a cursor for what is left. */
  async firstBatch(stream: DocumentStream, options: FirstBatchOptions): Promise<Uint8Array> {
    const { namespace, operation, batchSize = DEFAULT_FIRST_BATCH, singleBatch = false } = options;
    const source = new BatchSource(stream);
    const answer = (id: Long, documents: readonly Uint8Array[]): Uint8Array =>
      encodeCursorAnswer({ id, namespace, field: 'firstBatch', documents });
    try {
      const documents = await source.take(batchSize);
      if (singleBatch || (batchSize > 0 && (await source.isEmpty()))) {
        await source.close();
        return answer(Long.ZERO, documents);
      }
      const cursor = this.#register(source, options, operation);
      return answer(cursor.id, documents);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  #register(
    source: BatchSource,
    { namespace, noCursorTimeout = false }: FirstBatchOptions,
    operation: Operation,
  ): OpenCursor {
    const id = Long.fromBigInt(randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn);
    const cursor = {
      id,
      namespace,
      operation,
      source,
      keepAlive: noCursorTimeout,
      lastUsed: Date.now(),
      busy: false,
    };
    this.#open.set(id.toString(), cursor);
    if (this.#open.size > MAX_OPEN) {
      const oldest = [...this.#open.values()].find(({ busy }) => !busy);
      if (oldest) void this.#close(oldest);
    }
    return cursor;
  }

  /** @throws {@link CommandError} `CursorNotFound` */
  async nextBatch(id: Long, namespace: string, batchSize: number): Promise<Uint8Array> {
    const cursor = this.#open.get(id.toString());
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id.toString()} not found`);
    if (cursor.namespace !== namespace)
      throw new CommandError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    if (cursor.busy) throw new CommandError(12051, `cursor id ${id.toString()} is already in use`);
    cursor.busy = true;
    try {
      const documents = await cursor.source.take(batchSize === 0 ? Infinity : batchSize);
      const isDone = await cursor.source.isEmpty();
      if (isDone) await this.#close(cursor);
      return encodeCursorAnswer({ id: isDone ? Long.ZERO : id, namespace, field: 'nextBatch', documents });
    } catch (error) {
      await this.#close(cursor);
      throw error;
    } finally {
      cursor.busy = false;
      cursor.lastUsed = Date.now();
      this.#open.delete(id.toString());
      if (!cursor.operation.isStopped) this.#keep(cursor);
    }
  }

  #keep(cursor: OpenCursor): void {
    // At the end of the map: the first in it is the one unused for longest.
    this.#open.set(cursor.id.toString(), cursor);
  }

  /** Closes a cursor of this namespace, and tells whether there was one. */
  async kill(id: Long, namespace: string): Promise<boolean> {
    const cursor = this.#open.get(id.toString());
    if (cursor?.namespace !== namespace) return false;
    await this.#close(cursor);
    return true;
  }

  /** Closes the cursors of a dropped namespace. */
  async killNamespace(namespace: string): Promise<void> {
    for (const cursor of [...this.#open.values()])
      if (cursor.namespace === namespace) await this.#close(cursor);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    for (const cursor of [...this.#open.values()]) await this.#close(cursor);
  }

  async #close(cursor: OpenCursor): Promise<void> {
    this.#open.delete(cursor.id.toString());
    cursor.operation.stop(new CommandError('CursorNotFound', `cursor id ${cursor.id.toString()} was closed`));
    if (!cursor.busy) await cursor.source.close();
  }

  #closeIdle(): void {
    const before = Date.now() - IDLE_MILLIS;
    for (const cursor of this.#open.values())
      if (!cursor.busy && !cursor.keepAlive && cursor.lastUsed < before) void this.#close(cursor);
  }
}
