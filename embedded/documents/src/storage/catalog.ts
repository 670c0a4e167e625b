import { randomUUID } from 'node:crypto';
import { decodeDocument } from '../bson/decode.js';
import { encodeDocument } from '../bson/encode.js';
import type { Doc } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { Collection, type CollectionSpec } from './collection.js';
import {
  catalogHeadKey,
  catalogKey,
  catalogRange,
  countsKey,
  droppedKey,
  droppedRange,
  indexesPrefix,
  prefixRange,
  readDroppedKey,
  recordPrefix,
} from './keys.js';
import { Mutex } from './mutex.js';
import type { Mutation, Store } from './store.js';

/** Bytes that a namespace may have. */
const MAX_NAMESPACE_BYTES = 255;

/** The collections of all databases. What changes in it is durable with the store's next batch. */
export class Catalog {
  readonly #store: Store;
  readonly #databases = new Map<string, Map<string, Collection>>();
  readonly #lock = new Mutex();
  #nextCollection = 1;

  private constructor(store: Store) {
    this.#store = store;
    store.beforeFlush = () => this.#counts();
  }

  /** Reads the catalog, and clears what a collection dropped just before a crash has left. */
  static async open(store: Store): Promise<Catalog> {
    const catalog = new Catalog(store);
    for await (const [key, value] of store.iterate(catalogRange)) {
      if (key.equals(catalogHeadKey)) catalog.#nextCollection = value.readUInt32BE(0);
      else await catalog.#load(decodeDocument(value) as unknown as CollectionSpec);
    }
    for await (const key of store.keys(droppedRange)) await catalog.#clear(readDroppedKey(key).collection);
    return catalog;
  }

  async #load(spec: CollectionSpec): Promise<void> {
    const collection: Collection = await Collection.open(this.#store, spec, () => this.#save(collection));
    this.#collectionsOf(spec.database).set(spec.name, collection);
  }

  get databases(): readonly string[] {
    return [...this.#databases]
      .filter(([, collections]) => collections.size > 0)
      .map(([name]) => name)
      .sort();
  }

  collections(database: string): readonly Collection[] {
    return [...(this.#databases.get(database)?.values() ?? [])];
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name);
  }

  /** The collection, made now where there is none. */
  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name, {});
  }

  /** @throws {@link CommandError} `NamespaceExists`, `InvalidNamespace` */
  create(database: string, name: string, options: Doc): Collection {
    assertNamespace(database, name);
    if (this.find(database, name))
      throw new CommandError('NamespaceExists', `Collection ${database}.${name} already exists.`);
    const other = [...this.#databases.keys()].find(
      (existing) => existing !== database && existing.toLowerCase() === database.toLowerCase(),
    );
    if (other !== undefined && (this.#databases.get(other)?.size ?? 0) > 0)
      throw new CommandError(
        13297,
        `db already exists with different case already have: [${other}] trying to create [${database}]`,
      );
    const id = this.#nextCollection;
    this.#nextCollection += 1;
    const isView = 'viewOn' in options;
    const collection: Collection = Collection.create(
      this.#store,
      {
        id,
        database,
        name,
        uuid: randomUUID(),
        options,
        indexes: isView ? [] : [{ id: 1, name: '_id_', key: { _id: 1 }, options: {}, multikey: false }],
        nextIndex: 2,
      },
      () => this.#save(collection),
    );
    const head = Buffer.alloc(4);
    head.writeUInt32BE(this.#nextCollection);
    this.#store.write([{ key: catalogHeadKey, value: head }]);
    this.#save(collection);
    this.#collectionsOf(database).set(name, collection);
    return collection;
  }

  /** Drops a collection: it is gone at once, its entries are cleared after. */
  async drop(collection: Collection): Promise<void> {
    const { id, database, name } = collection.spec;
    await collection.lock.run(async () => {
      if (collection.isDropped) return;
      collection.markDropped();
      this.#databases.get(database)?.delete(name);
      this.#store.write([
        { key: catalogKey(database, name), value: undefined },
        { key: droppedKey(id), value: Buffer.alloc(0) },
      ]);
      await this.#store.durable();
      await this.#clear(id);
    });
  }

  async rename(collection: Collection, database: string, name: string, dropTarget: boolean): Promise<void> {
    assertNamespace(database, name);
    await this.#lock.run(async () => {
      const target = this.find(database, name);
      if (target && !dropTarget) throw new CommandError('NamespaceExists', 'target namespace exists');
      if (target) await this.drop(target);
      const { database: oldDatabase, name: oldName } = collection.spec;
      this.#databases.get(oldDatabase)?.delete(oldName);
      collection.rename(database, name);
      this.#collectionsOf(database).set(name, collection);
      this.#store.write([{ key: catalogKey(oldDatabase, oldName), value: undefined }]);
      this.#save(collection);
      await this.#store.durable();
    });
  }

  #save(collection: Collection): void {
    if (collection.isDropped) return;
    const { database, name } = collection.spec;
    const value = Buffer.from(encodeDocument(collection.spec as unknown as Doc));
    this.#store.write([{ key: catalogKey(database, name), value }]);
  }

  async #clear(collection: number): Promise<void> {
    await this.#store.clear(prefixRange(recordPrefix(collection)));
    await this.#store.clear(prefixRange(indexesPrefix(collection)));
    this.#store.write([
      { key: countsKey(collection), value: undefined },
      { key: droppedKey(collection), value: undefined },
    ]);
    await this.#store.durable();
  }

  #counts(): Mutation[] {
    const mutations: Mutation[] = [];
    for (const collections of this.#databases.values()) {
      for (const collection of collections.values()) {
        const counts = collection.takeCounts();
        if (counts) mutations.push(counts);
      }
    }
    return mutations;
  }

  #collectionsOf(database: string): Map<string, Collection> {
    const known = this.#databases.get(database);
    if (known) return known;
    const collections = new Map<string, Collection>();
    this.#databases.set(database, collections);
    return collections;
  }
}

/** @throws {@link CommandError} `InvalidNamespace` */
export function assertNamespace(database: string, collection: string): void {
  const refuse = (why: string): never => {
    throw new CommandError('InvalidNamespace', why);
  };
  if (database === '' || database.length > 63 || /[/\\. "$\0]/.test(database))
    refuse(`Invalid namespace specified '${database}.${collection}'`);
  if (collection === '') refuse(`Invalid namespace specified '${database}.'`);
  if (
    collection.includes('\0') ||
    collection.includes('$') ||
    collection.startsWith('.') ||
    collection.endsWith('.')
  )
    refuse(`Invalid namespace specified '${database}.${collection}'`);
  if (collection.startsWith('system.') && collection !== 'system.views')
    refuse(`Invalid system namespace: ${database}.${collection}`);
  if (Buffer.byteLength(`${database}.${collection}`) > MAX_NAMESPACE_BYTES)
    refuse(
      `Fully qualified namespace is too long. Namespace: ${database}.${collection} Max: ${MAX_NAMESPACE_BYTES}`,
    );
}
