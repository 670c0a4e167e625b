import { decodeDocument } from '../bson/decode.js';
import type { Doc, Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Operation } from '../operation.js';
import type { Collation } from '../query/collation.js';
import { compileMatcher, type Matcher, type MatcherOptions } from '../query/matcher.js';
import type { MatchPosition } from '../query/path.js';
import { SORT_MEMORY_BYTES, compareSortValues, sortValues, type SortField } from '../query/sort.js';
import type { Collection, StoredRecord } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { FIRST_CHUNK, execute, pointsOf, type Examined } from './execute.js';
import { choosePlan, type Plan } from './plan.js';

/** What to find, in which order, and how much of it. */
export interface FindRequest {
  readonly filter: Doc;
  readonly sort?: readonly SortField[];
  readonly skip?: number;
  /** 0 for all. */
  readonly limit?: number;
  readonly hint?: Value;
  readonly collation?: Collation | undefined;
  readonly variables?: Doc;
}

/** A document that a query has found. */
export interface Match {
  readonly stored: StoredRecord;
  readonly doc: Doc;
  /** The array element that `$` stands for. */
  readonly position: number | undefined;
}

/** A query ready to run on a collection. */
export class Find {
  readonly plan: Plan;
  readonly matches: Matcher;
  readonly examined: Examined = { keys: 0, docs: 0 };
  readonly #store: Store;
  readonly #collection: Collection;
  readonly #request: FindRequest;
  readonly #operation: Operation;

  constructor(store: Store, collection: Collection, request: FindRequest, operation: Operation) {
    this.#store = store;
    this.#collection = collection;
    this.#request = request;
    this.#operation = operation;
    this.matches = compileMatcher(request.filter, matcherOptions(request, operation));
    this.plan = choosePlan(collection, {
      filter: request.filter,
      sort: request.sort ?? [],
      collation: request.collation,
      hint: request.hint,
    });
  }

  /** Runs against what is durable, some matches at a time. */
  async *run(): AsyncGenerator<Match[]> {
    const { skip = 0, limit = 0 } = this.#request;
    yield* slice(
      this.plan.sorted ? this.#matching() : this.#sorted(limit === 0 ? 0 : skip + limit),
      skip,
      limit,
    );
  }

  /**
   * Runs for a writer that holds the collection's lock: sees all writes before it, those still on their way to the disk too. Whole keys
   * of unique indexes are looked up in the queue; anything else waits for the disk first.
   */
  async *runForWriter(): AsyncGenerator<Match[]> {
    const points = pointsOf(this.plan);
    if (!points || !this.plan.sorted) {
      await this.#store.durable();
      yield* this.run();
      return;
    }
    const { skip = 0, limit = 0 } = this.#request;
    const found = points.flatMap((key) => this.#collection.findEntry(key) ?? []);
    yield* slice(oneChunk(this.#filter(found)), skip, limit);
  }

  async *#matching(): AsyncGenerator<Match[]> {
    for await (const records of this.#records()) {
      this.#operation.check();
      const matches = this.#filter(records);
      if (matches.length > 0) yield matches;
    }
  }

  /** With a limit, and no order to wait for, no more is fetched at first than can be wanted. */
  #records(): AsyncGenerator<StoredRecord[]> {
    const { skip = 0, limit = 0 } = this.#request;
    const first = limit > 0 && this.plan.sorted ? Math.min(skip + limit, FIRST_CHUNK) : FIRST_CHUNK;
    return execute(this.#store, this.#collection, this.plan, this.examined, first);
  }

  #filter(records: readonly StoredRecord[]): Match[] {
    const matches: Match[] = [];
    for (const stored of records) {
      const doc = decodeDocument(stored.bytes);
      const position: MatchPosition = { index: undefined };
      if (this.matches(doc, position)) matches.push({ stored, doc, position: position.index });
    }
    return matches;
  }

  /** @param wanted - how many of the first are wanted; 0 for all. */
  async *#sorted(wanted: number): AsyncGenerator<Match[]> {
    const { sort = [], collation } = this.#request;
    const sorter = new Sorter<Match>(sort, wanted, collation);
    for await (const matches of this.#matching())
      for (const match of matches) sorter.add(match, match.doc, match.stored.bytes.length);
    yield sorter.finish();
  }
}

function matcherOptions({ collation, variables }: FindRequest, { now }: Operation): MatcherOptions {
  return { strings: collation?.order, scope: { variables, now } };
}

async function* oneChunk<T>(items: T[]): AsyncGenerator<T[]> {
  await Promise.resolve();
  yield items;
}

/** Leaves out the first items and ends after so many; 0 for all. */
export async function* slice<T>(
  chunks: AsyncIterable<T[]>,
  skip: number,
  limit: number,
): AsyncGenerator<T[]> {
  let toSkip = skip;
  let left = limit === 0 ? Infinity : limit;
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    const wanted = chunk.slice(skipped, skipped + Math.min(left, chunk.length));
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left <= 0) return;
  }
}

interface Sortable<T> {
  readonly item: T;
  readonly by: readonly Value[];
  readonly bytes: number;
}

/** Sorts items by their documents, holding only the first ones wanted, and never more than MongoDB's limit. */
export class Sorter<T> {
  readonly #fields: readonly SortField[];
  readonly #wanted: number;
  readonly #collation: Collation | undefined;
  #held: Sortable<T>[] = [];
  #bytes = 0;

  /** @param wanted - how many of the first are wanted; 0 for all. */
  constructor(fields: readonly SortField[], wanted: number, collation?: Collation) {
    this.#fields = fields;
    this.#wanted = wanted;
    this.#collation = collation;
  }

  /** @throws {@link CommandError} `QueryExceededMemoryLimitNoDiskUseAllowed` */
  add(item: T, doc: Doc, bytes: number): void {
    this.#held.push({ item, by: sortValues(doc, this.#fields, this.#collation?.order), bytes });
    this.#bytes += bytes;
    if (this.#wanted > 0 && this.#held.length >= this.#wanted * 2 + 1000) this.#shrink();
    if (this.#bytes > SORT_MEMORY_BYTES) {
      if (this.#wanted > 0) this.#shrink();
      if (this.#bytes > SORT_MEMORY_BYTES)
        throw new CommandError(
          'QueryExceededMemoryLimitNoDiskUseAllowed',
          `Sort exceeded memory limit of ${SORT_MEMORY_BYTES} bytes, but did not opt in to external sorting.`,
        );
    }
  }

  finish(): T[] {
    this.#shrink();
    return this.#held.map(({ item }) => item);
  }

  #shrink(): void {
    const strings = this.#collation?.order;
    this.#held.sort((a, b) => compareSortValues(a.by, b.by, this.#fields, strings));
    if (this.#wanted > 0) this.#held = this.#held.slice(0, this.#wanted);
    this.#bytes = this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
