import { type Binary, UUID } from 'bson';
import { decodeDocument } from '../bson/decode.js';
import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileMatcher, type Matcher } from '../query/matcher.js';
import { IndexDefinition, type IndexSpec } from './index-definition.js';
import { jsonText } from '../bson/json-text.js';
import {
  countsKey,
  indexPrefix,
  prefixRange,
  readRecordId,
  recordIdBytes,
  recordKey,
  recordPrefix,
} from './keys.js';
import { Mutex } from './mutex.js';
import type { Mutation, Snapshot, Store } from './store.js';

/** A collection as the catalog keeps it. */
export interface CollectionSpec {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  /** `validator`, `validationLevel`, `validationAction`, `collation`, … as given to `create`; `viewOn` and `pipeline` of a view. */
  readonly options: Doc;
  readonly indexes: readonly IndexSpec[];
  readonly nextIndex: number;
}

/** A stored document: its id in the collection, and its bytes. */
export interface StoredRecord {
  readonly record: number;
  readonly bytes: Buffer;
}

const EMPTY = Buffer.alloc(0);

/**
 * A collection's records and index entries. Changes go to the store's queue at once, a document together with its entries; they are
 * made by one writer at a time ({@link Collection.lock}), and are durable once the store says so.
 */
export class Collection {
  readonly lock = new Mutex();
  readonly #store: Store;
  readonly #onChange: () => void;
  #spec: CollectionSpec;
  #indexes: readonly IndexDefinition[];
  #nextRecord = 1;
  #count = 0;
  #bytes = 0;
  #countsChanged = false;
  #validator: Matcher | undefined;
  #dropped = false;

  private constructor(store: Store, spec: CollectionSpec, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
    this.#spec = spec;
    this.#indexes = spec.indexes.map((index) => new IndexDefinition(index));
    this.#validator = validatorOf(spec.options);
  }

  /** @param onChange - told when what the catalog keeps of the collection has changed, to queue it. */
  static async open(store: Store, spec: CollectionSpec, onChange: () => void): Promise<Collection> {
    const collection = new Collection(store, spec, onChange);
    const range = prefixRange(recordPrefix(spec.id));
    for await (const key of store.keys(range, { reverse: true, limit: 1 }))
      collection.#nextRecord = readRecordId(key) + 1;
    const counts = store.read(countsKey(spec.id));
    if (counts) {
      collection.#count = Number(counts.readBigUInt64BE(0));
      collection.#bytes = Number(counts.readBigUInt64BE(8));
    }
    return collection;
  }

  static create(store: Store, spec: CollectionSpec, onChange: () => void): Collection {
    return new Collection(store, spec, onChange);
  }

  get spec(): CollectionSpec {
    return this.#spec;
  }

  get namespace(): string {
    return `${this.#spec.database}.${this.#spec.name}`;
  }

  get indexes(): readonly IndexDefinition[] {
    return this.#indexes;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of all documents. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the collection has been dropped since it was looked up. */
  get isDropped(): boolean {
    return this.#dropped;
  }

  get uuid(): Binary {
    return new UUID(this.#spec.uuid).toBinary();
  }

  markDropped(): void {
    this.#dropped = true;
  }

  rename(database: string, name: string): void {
    this.#spec = { ...this.#spec, database, name };
  }

  changeOptions(options: Doc): void {
    const validator = validatorOf(options);
    this.#spec = { ...this.#spec, options };
    this.#validator = validator;
    this.#onChange();
  }

  /** The counts to be written with the next batch; undefined where they have not changed. */
  takeCounts(): Mutation | undefined {
    if (!this.#countsChanged || this.#dropped) return undefined;
    this.#countsChanged = false;
    const value = Buffer.allocUnsafe(16);
    value.writeBigUInt64BE(BigInt(this.#count), 0);
    value.writeBigUInt64BE(BigInt(this.#bytes), 8);
    return { key: countsKey(this.#spec.id), value };
  }

  /**
   * Refuses a document that the collection's validator does not accept.
   *
   * @throws {@link CommandError} `DocumentValidationFailure`
   */
  validate(doc: Doc, before?: Doc): void {
    const validator = this.#validator;
    if (!validator || validator(doc)) return;
    if (this.#spec.options.validationLevel === 'moderate' && before && !validator(before)) return;
    const failingDocumentId = doc._id ?? null;
    throw new CommandError('DocumentValidationFailure', 'Document failed validation', {
      errInfo: {
        failingDocumentId,
        details: {
          operatorName:
            Object.keys(isDoc(this.#spec.options.validator) ? this.#spec.options.validator : {})[0] ?? '',
        },
      },
    });
  }

  /**
   * Stores a new document.
   *
   * @throws {@link CommandError} `DuplicateKey`
   */
  insert(doc: Doc, bytes: Uint8Array): void {
    const record = this.#nextRecord;
    const mutations: Mutation[] = [{ key: recordKey(this.#spec.id, record), value: asBuffer(bytes) }];
    for (const index of this.#indexes) this.#addEntries(index, doc, record, mutations, new Set());
    this.#nextRecord += 1;
    this.#store.write(mutations);
    this.#changeCounts(1, bytes.length);
  }

  /**
   * Stores a document in the place of another with the same id.
   *
   * @throws {@link CommandError} `DuplicateKey`
   */
  replace(stored: StoredRecord, before: Doc, after: Doc, bytes: Uint8Array): void {
    const mutations: Mutation[] = [{ key: recordKey(this.#spec.id, stored.record), value: asBuffer(bytes) }];
    for (const index of this.#indexes) {
      if (index.isIdIndex) continue;
      const old = this.#entryNames(index, before, stored.record);
      const kept = this.#addEntries(index, after, stored.record, mutations, new Set(old.keys()));
      for (const [name, key] of old) if (!kept.has(name)) mutations.push({ key, value: undefined });
    }
    this.#store.write(mutations);
    this.#changeCounts(0, bytes.length - stored.bytes.length);
  }

  remove(stored: StoredRecord, doc: Doc): void {
    const mutations: Mutation[] = [{ key: recordKey(this.#spec.id, stored.record), value: undefined }];
    for (const index of this.#indexes)
      for (const key of this.#entryNames(index, doc, stored.record).values())
        mutations.push({ key, value: undefined });
    this.#store.write(mutations);
    this.#changeCounts(-1, -stored.bytes.length);
  }

  /** The record under a whole key of a unique index, as writers see it. */
  findEntry(key: Buffer): StoredRecord | undefined {
    const found = this.#store.readQueued(key);
    if (!found) return undefined;
    const record = readRecordId(found);
    const bytes = this.#store.readQueued(recordKey(this.#spec.id, record));
    return bytes && { record, bytes };
  }

  /** The durable record under a whole key of a unique index. */
  readEntry(key: Buffer): StoredRecord | undefined {
    const found = this.#store.read(key);
    return found && this.readRecord(readRecordId(found));
  }

  readRecord(record: number, snapshot?: Snapshot): StoredRecord | undefined {
    const bytes = this.#store.read(recordKey(this.#spec.id, record), snapshot);
    return bytes && { record, bytes };
  }

  /**
   * Adds an index and fills it.
   *
   * @throws {@link CommandError} `DuplicateKey` where documents there conflict; the index is then not there.
   */
  async addIndex(parsed: Omit<IndexSpec, 'id' | 'multikey'>): Promise<void> {
    const id = this.#spec.nextIndex;
    this.#spec = { ...this.#spec, nextIndex: id + 1 };
    this.#onChange();
    const index = new IndexDefinition({ ...parsed, id, multikey: false });
    await this.#store.durable();
    let multikey: boolean;
    try {
      multikey = await this.#fill(index);
    } catch (error) {
      await this.#store.durable();
      await this.#store.clear(prefixRange(indexPrefix(this.#spec.id, id)));
      throw error;
    }
    const indexes = [...this.#spec.indexes, { ...index.spec, multikey }];
    this.#setIndexes(indexes);
  }

  async #fill(index: IndexDefinition): Promise<boolean> {
    let multikey = false;
    for await (const [key, bytes] of this.#store.iterate(prefixRange(recordPrefix(this.#spec.id)))) {
      const mutations: Mutation[] = [];
      const doc = decodeDocument(bytes);
      const keys = index.keysOf(doc);
      multikey ||= keys.multikey;
      this.#pushEntries(index, keys.keys, doc, readRecordId(key), mutations, new Set());
      this.#store.write(mutations);
      if (this.#store.isFull) await this.#store.durable();
    }
    return multikey;
  }

  async dropIndex(name: string): Promise<void> {
    const index = this.#indexes.find((candidate) => candidate.name === name);
    if (!index) return;
    this.#setIndexes(this.#spec.indexes.filter((spec) => spec.name !== name));
    await this.#store.durable();
    await this.#store.clear(prefixRange(indexPrefix(this.#spec.id, index.id)));
  }

  changeIndex(name: string, options: Doc): void {
    this.#setIndexes(
      this.#spec.indexes.map((spec) =>
        spec.name === name ? { ...spec, options: { ...spec.options, ...options } } : spec,
      ),
    );
  }

  #setIndexes(indexes: readonly IndexSpec[]): void {
    this.#spec = { ...this.#spec, indexes };
    this.#indexes = indexes.map((spec) => new IndexDefinition(spec));
    this.#onChange();
  }

  #markMultikey(index: IndexDefinition): void {
    this.#setIndexes(
      this.#spec.indexes.map((spec) => (spec.id === index.id ? { ...spec, multikey: true } : spec)),
    );
  }

  /** Adds a document's entries that are not among those it has, and returns the names of all it is to have. */
  #addEntries(
    index: IndexDefinition,
    doc: Doc,
    record: number,
    mutations: Mutation[],
    existing: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const { keys, multikey } = index.keysOf(doc);
    const names = this.#pushEntries(index, keys, doc, record, mutations, existing);
    if (multikey && !index.multikey) this.#markMultikey(index);
    return names;
  }

  #pushEntries(
    index: IndexDefinition,
    keys: readonly Buffer[],
    doc: Doc,
    record: number,
    mutations: Mutation[],
    existing: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const names = new Set<string>();
    for (const bare of keys) {
      const key = this.#entryKey(index, bare, record);
      const name = key.toString('latin1');
      names.add(name);
      if (existing.has(name)) continue;
      if (index.unique && this.#store.readQueued(key)) throw duplicateKey(this.namespace, index, doc);
      mutations.push({ key, value: index.unique ? recordIdBytes(record) : EMPTY });
    }
    return names;
  }

  #entryNames(index: IndexDefinition, doc: Doc, record: number): Map<string, Buffer> {
    return new Map(
      index.keysOf(doc).keys.map((bare) => {
        const key = this.#entryKey(index, bare, record);
        return [key.toString('latin1'), key];
      }),
    );
  }

  /** In a unique index the key alone is the entry's name, so a lookup finds a conflict; else the record's id makes it one. */
  #entryKey(index: IndexDefinition, bare: Buffer, record: number): Buffer {
    const prefix = indexPrefix(this.#spec.id, index.id);
    return index.unique
      ? Buffer.concat([prefix, bare])
      : Buffer.concat([prefix, bare, recordIdBytes(record)]);
  }

  #changeCounts(documents: number, bytes: number): void {
    this.#count += documents;
    this.#bytes += bytes;
    this.#countsChanged = true;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function validatorOf({ validator, validationAction, validationLevel }: Doc): Matcher | undefined {
  if (!isDoc(validator) || validationAction === 'warn' || validationLevel === 'off') return undefined;
  return compileMatcher(validator);
}

function duplicateKey(namespace: string, index: IndexDefinition, doc: Doc): CommandError {
  const keyValue: Doc = {};
  for (const { path, parts } of index.fields) {
    let value: Value = doc;
    for (const part of parts) value = isDoc(value) ? value[part] : undefined;
    keyValue[path] = (Array.isArray(value) ? value[0] : value) ?? null;
  }
  const keyPattern = Object.fromEntries(
    Object.entries(index.spec.key).map(([path, direction]) => [
      path,
      isNumeric(direction) ? toNumber(direction) : direction,
    ]),
  );
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: ${jsonText(keyValue)}`,
    { keyPattern, keyValue },
  );
}
