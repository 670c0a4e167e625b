import { type ChaincodeStub, type Iterators } from 'fabric-shim-api';
import { canonicalJson } from './canonical-json.js';
import { ContractError } from './contract-error.js';

/** A value as bytes of the world state. */
interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const json = {
  encode: (value: unknown) => Buffer.from(canonicalJson(value)),
  decode: (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString()),
};
const text: Codec<string> = {
  encode: (value) => Buffer.from(value),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

/** One page of a table. */
export interface StatePage<T> {
  readonly items: T[];
  /** Where the next page starts; absent after the last one. */
  readonly bookmark?: string;
}

/** What a transaction made of one key. */
export interface StateVersion<T> {
  readonly transaction: string;
  /** ISO 8601 in UTC with milliseconds, as the transaction stated it. */
  readonly at: string;
  /** Absent if the transaction deleted the key. */
  readonly value?: T;
}

async function collect<T>(iterator: Iterators.CommonIterator<T>): Promise<T[]> {
  const found: T[] = [];
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) found.push(next.value);
  } finally {
    await iterator.close();
  }
  return found;
}

/**
 * One kind of state under composite keys `(kind, …key)`. A transaction does not read its own writes: what a table
 * answers is always the committed state.
 */
export class StateTable<T> {
  readonly #stub: ChaincodeStub;
  readonly #kind: string;
  readonly #codec: Codec<T>;

  private constructor(stub: ChaincodeStub, kind: string, codec: Codec<T>) {
    this.#stub = stub;
    this.#kind = kind;
    this.#codec = codec;
  }

  /** A table of JSON documents. Only this suite writes its namespace, so what is read back has the shape written. */
  static json<T>(stub: ChaincodeStub, kind: string): StateTable<T> {
    return new StateTable<T>(stub, kind, json as Codec<T>);
  }

  /** A table of plain strings, for ciphertext that JSON would only make longer. */
  static text(stub: ChaincodeStub, kind: string): StateTable<string> {
    return new StateTable(stub, kind, text);
  }

  async get(...key: string[]): Promise<T | undefined> {
    const bytes = await this.#stub.getState(this.#key(key));
    return bytes.length === 0 ? undefined : this.#codec.decode(bytes);
  }

  async put(value: T, ...key: string[]): Promise<void> {
    await this.#stub.putState(this.#key(key), this.#codec.encode(value));
  }

  async delete(...key: string[]): Promise<void> {
    await this.#stub.deleteState(this.#key(key));
  }

  /** All values whose key begins with the prefix, in key order. */
  async all(...prefix: string[]): Promise<T[]> {
    const found = await collect(await this.#stub.getStateByPartialCompositeKey(this.#kind, prefix));
    return found.map(({ value }) => this.#codec.decode(value));
  }

  /** What follows the prefix in every key that begins with it, in key order. */
  async keys(...prefix: string[]): Promise<string[][]> {
    const found = await collect(await this.#stub.getStateByPartialCompositeKey(this.#kind, prefix));
    return found.map(({ key }) => this.#stub.splitCompositeKey(key).attributes.slice(prefix.length));
  }

  /** Deletes every key that begins with the prefix. */
  async deleteAll(...prefix: string[]): Promise<void> {
    const found = await collect(await this.#stub.getStateByPartialCompositeKey(this.#kind, prefix));
    await Promise.all(found.map(({ key }) => this.#stub.deleteState(key)));
  }

  /**
   * A page of the values whose key is the prefix and one attribute more. Only for evaluation: Fabric refuses paging in a
   * transaction that writes.
   *
   * Fabric starts a page at whatever key its bookmark says, so a caller's bookmark is never passed on: it is the last
   * attribute alone, and the key is put together here, inside the prefix.
   * @throws {@link ContractError} `ARGUMENT_INVALID` on a bookmark that no page answered.
   */
  async page(prefix: readonly string[], pageSize: number, bookmark?: string): Promise<StatePage<T>> {
    if (bookmark !== undefined && !/^[\w.:-]+$/.test(bookmark))
      throw new ContractError('ARGUMENT_INVALID', 'bookmark: must be one that a page answered');
    const { iterator, metadata } = await this.#stub.getStateByPartialCompositeKeyWithPagination(
      this.#kind,
      [...prefix],
      pageSize,
      bookmark === undefined ? '' : this.#key([...prefix, bookmark]),
    );
    const items = (await collect(iterator)).map(({ value }) => this.#codec.decode(value));
    // Of an empty page the peer encodes nothing, and the shim then answers no metadata, whatever its types say.
    const { bookmark: following = '' } = (metadata as Partial<typeof metadata> | undefined) ?? {};
    const next = this.#stub.splitCompositeKey(following).attributes.at(prefix.length);
    return next === undefined ? { items } : { items, bookmark: next };
  }

  /** Every committed version of a key, oldest first. */
  async history(...key: string[]): Promise<StateVersion<T>[]> {
    const versions = await collect(await this.#stub.getHistoryForKey(this.#key(key)));
    return versions
      .map(({ txId, timestamp, isDelete, value }) => ({
        transaction: txId,
        at: new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1e6)).toISOString(),
        ...(isDelete ? {} : { value: this.#codec.decode(value) }),
      }))
      .reverse();
  }

  #key(key: readonly string[]): string {
    return this.#stub.createCompositeKey(this.#kind, [...key]);
  }
}
