import { type Logger } from 'pino';
import { type PlanDecision, type RouterPlugin } from '../hooks/router-plugin.js';
import { type PreparedOperation } from '../operations/prepared-operation.js';
import { bareDocument } from './bare-document.js';

/** An operation as often as it was sent since the last time it was told of. */
export interface OperationUse {
  /** The document without anything that it was asked with: see {@link bareDocument}. */
  readonly document: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** What keeps the uses of operations, of all routers: `OperationUsageStore` of the platform. */
export interface OperationUsageSink {
  record(uses: readonly OperationUse[]): Promise<void>;
}

/** @see OperationUsage */
export interface OperationUsageOptions {
  readonly sink: OperationUsageSink;
  /** Milliseconds after which what was counted is told; 1,000. */
  readonly everyMs?: number;
  /** Different operations that are counted between two times; 1,000. What comes beyond that is not. */
  readonly most?: number;
  readonly log: Logger;
}

/** Characters of a document; a longer one is not counted. */
const longest = 10_000;

/**
 * Counts the operations that clients really send, valid ones, and tells of them now and then. What cannot be told is kept until it
 * can, within the same bounds; serving never waits for it.
 */
export class OperationUsage implements RouterPlugin {
  readonly name = 'usage';
  readonly #options: OperationUsageOptions;
  readonly #documents = new WeakMap<PreparedOperation['operation'], string>();
  readonly #timer: NodeJS.Timeout;
  #counted = new Map<string, OperationUse>();
  #telling: Promise<void> = Promise.resolve();

  private constructor(options: OperationUsageOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.everyMs ?? 1_000).unref();
  }

  static start(options: OperationUsageOptions): OperationUsage {
    return new OperationUsage(options);
  }

  plan({ operation, fragments }: PreparedOperation): PlanDecision | undefined {
    let document = this.#documents.get(operation);
    if (document === undefined)
      this.#documents.set(operation, (document = bareDocument(operation, fragments.values())));
    this.#add({ document, count: 1, lastUsedAt: new Date() });
    return undefined;
  }

  /** Tells what was counted until now. */
  flush(): Promise<void> {
    return (this.#telling = this.#telling.then(() => this.#tell()));
  }

  /** Tells the rest. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #add({ document, count, lastUsedAt }: OperationUse): void {
    const before = this.#counted.get(document);
    const isNew = before === undefined;
    if (document.length > longest || (isNew && this.#counted.size >= (this.#options.most ?? 1_000))) return;
    this.#counted.set(document, { document, count: count + (before?.count ?? 0), lastUsedAt });
  }

  async #tell(): Promise<void> {
    const counted = this.#counted;
    if (counted.size === 0) return;
    this.#counted = new Map();
    try {
      await this.#options.sink.record([...counted.values()]);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'uses of operations cannot be kept; trying again');
      const since = this.#counted;
      this.#counted = counted;
      for (const use of since.values()) this.#add(use);
    }
  }
}
