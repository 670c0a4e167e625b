import type { Doc, Value } from '../bson/value.js';
import type { Server } from '../commands/command.js';
import type { Operation } from '../operation.js';
import type { Collation } from '../query/collation.js';
import type { Scope } from '../expression/compile.js';
import { CommandError } from '../errors.js';
import { calculateObjectSize } from 'bson';

/** Documents on their way through a pipeline, some at a time. */
export type DocStream = AsyncGenerator<Doc[]>;

/** A compiled stage: what comes out of what comes in. */
export type Stage = (input: DocStream) => DocStream;

/** What stages are compiled in. */
export interface PipelineContext {
  readonly server: Server;
  readonly database: string;
  readonly operation: Operation;
  readonly variables?: Doc;
  readonly collation?: Collation | undefined;
  /** How many pipelines this one is inside of. */
  readonly depth?: number;
  /** Runs a pipeline on a collection: what stages that join others need. */
  readonly run?: (collection: string, stages: readonly Value[], context: PipelineContext) => DocStream;
}

/** Compiles a stage's operand. */
export type StageCompiler = (operand: Value, context: PipelineContext) => Stage;

export function scopeOf({ variables, operation }: PipelineContext): Scope {
  return { variables, now: operation.now };
}

/** Documents that one chunk holds, where a stage makes its own. */
export const CHUNK = 256;

/** Cuts documents into chunks. */
export async function* chunked(docs: Iterable<Doc>): DocStream {
  let chunk: Doc[] = [];
  for (const doc of docs) {
    chunk.push(doc);
    if (chunk.length < CHUNK) continue;
    await Promise.resolve();
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** A stage that treats each document for itself. */
export function perDocument(apply: (doc: Doc) => Doc): Stage {
  return async function* (input) {
    for await (const docs of input) yield docs.map(apply);
  };
}

/** MongoDB's limit on what a stage may hold, in bytes. */
export const STAGE_MEMORY_BYTES = 100 * 1024 * 1024;

/** Adds up what a stage holds, and refuses to hold too much. */
export class MemoryMeter {
  readonly #stage: string;
  #bytes = 0;

  constructor(stage: string) {
    this.#stage = stage;
  }

  /** @throws {@link CommandError} `QueryExceededMemoryLimitNoDiskUseAllowed` */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > STAGE_MEMORY_BYTES)
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Exceeded memory limit for ${this.#stage}, but didn't allow external spilling; pass allowDiskUse:true to opt in`,
      );
  }
}

/** About how many bytes a value takes. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length + 16;
  if (typeof value !== 'object' || value === null) return 16;
  return calculateObjectSize({ value }, { ignoreUndefined: true });
}
