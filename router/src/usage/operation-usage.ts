import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Kind, print, visit, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { type PlanDecision, type RouterPlugin } from '../hooks/router-plugin.js';
import { type PreparedOperation } from '../operations/prepared-operation.js';

/** An operation that clients really send, without anything that they ask it with. */
export interface UsedOperation {
  /** The document, its texts and numbers left out. */
  readonly document: string;
  /** How often it was sent in the days that are kept. */
  readonly count: number;
}

/** @see OperationUsage */
export interface OperationUsageOptions {
  /** Where it is kept between starts; nowhere by default. */
  readonly file?: string;
  /** Days that count; 14. */
  readonly days?: number;
  /** Different operations that are kept, those sent last; 2,000. */
  readonly most?: number;
  readonly now?: () => number;
}

const dayMs = 86_400_000;
const longest = 20_000;
const kept = z.array(z.tuple([z.string(), z.array(z.tuple([z.int(), z.int()]))]));

/** Day (since the epoch) to how often. */
type Days = Map<number, number>;

/**
 * Which operations clients really send: what a change of the graph must not break. Keeps their documents without the values in them,
 * and never who sent them.
 */
export class OperationUsage implements RouterPlugin {
  readonly name = 'usage';
  readonly #options: OperationUsageOptions;
  readonly #used: LRUCache<string, Days>;
  readonly #documents = new WeakMap<PreparedOperation['operation'], string>();

  private constructor(options: OperationUsageOptions) {
    this.#options = options;
    this.#used = new LRUCache({ max: options.most ?? 2_000 });
  }

  /** Opens what was kept. A file that cannot be read as such is begun anew. */
  static async open(options: OperationUsageOptions = {}): Promise<OperationUsage> {
    const usage = new OperationUsage(options);
    const text =
      options.file === undefined ? undefined : await readFile(options.file, 'utf8').catch(() => undefined);
    for (const [document, days] of entriesOf(text)) usage.#used.set(document, new Map(days));
    return usage;
  }

  plan(operation: PreparedOperation): PlanDecision | undefined {
    let document = this.#documents.get(operation.operation);
    if (document === undefined) this.#documents.set(operation.operation, (document = documentOf(operation)));
    if (document.length > longest) return undefined;
    const days: Days = this.#used.get(document) ?? new Map<number, number>();
    const today = this.#today;
    days.set(today, (days.get(today) ?? 0) + 1);
    for (const day of days.keys()) if (day <= today - this.#days) days.delete(day);
    this.#used.set(document, days);
    return undefined;
  }

  /** Operations of the last days. */
  operations(): UsedOperation[] {
    const oldest = this.#today - this.#days;
    return [...this.#used.entries()].flatMap(([document, days]) => {
      const count = [...days].reduce((sum, [day, times]) => (day > oldest ? sum + times : sum), 0);
      return count > 0 ? [{ document, count }] : [];
    });
  }

  /** Writes down what was counted, whole or not at all. */
  async save(): Promise<void> {
    const { file } = this.#options;
    if (file === undefined) return;
    const entries = [...this.#used.entries()].reverse().map(([document, days]) => [document, [...days]]);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(entries), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  get #days(): number {
    return this.#options.days ?? 14;
  }

  get #today(): number {
    return Math.floor((this.#options.now?.() ?? Date.now()) / dayMs);
  }
}

function entriesOf(text: string | undefined): z.infer<typeof kept> {
  if (text === undefined) return [];
  try {
    const parsed = kept.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

/** The operation with the fragments that it has, and nothing of what it was asked with: values may be of persons. */
function documentOf({ operation, fragments }: PreparedOperation): string {
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] };
  const bare = visit(document, {
    StringValue: (node) => ({ ...node, value: '', block: false }),
    IntValue: (node) => ({ ...node, value: '0' }),
    FloatValue: (node) => ({ ...node, value: '0' }),
  });
  return print(bare);
}
