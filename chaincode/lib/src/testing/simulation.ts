import { peer } from '@hyperledger/fabric-protos';
import { type WorldState, type StoredValue, type Version } from './world-state.js';

interface RangeRead {
  readonly start: string;
  readonly end: string;
  readonly found: readonly StoredValue[];
}

/** Validation codes that a bench can give, named as Fabric's. */
export type ValidationCode = 'VALID' | 'MVCC_READ_CONFLICT' | 'PHANTOM_READ_CONFLICT';

/** What a chaincode answers to another that calls it. */
export interface InvokedResponse {
  readonly status: number;
  readonly message?: string;
  readonly payload?: Uint8Array;
}

/** @param chaincode - name, or `name/channel`. */
export type InvokeChaincode = (chaincode: string, args: readonly string[]) => Promise<InvokedResponse>;

const same = (a: Version | undefined, b: Version | undefined) =>
  a?.block === b?.block && a?.transaction === b?.transaction;

/**
 * What one transaction read and would write. It reads the committed state and never its own writes. The shim's stub calls
 * it as it calls a peer.
 */
export class Simulation {
  readonly #state: WorldState;
  readonly #reads = new Map<string, Version | undefined>();
  readonly #ranges: RangeRead[] = [];
  readonly #writes = new Map<string, Uint8Array | undefined>();
  readonly #invoke: InvokeChaincode;
  #paged = false;

  /** @param invoke - runs a transaction of another chaincode. */
  constructor(state: WorldState, invoke: InvokeChaincode) {
    this.#state = state;
    this.#invoke = invoke;
  }

  /** Key to value, undefined for a deletion; in key order. */
  get writes(): ReadonlyMap<string, Uint8Array | undefined> {
    return new Map([...this.#writes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** How Fabric would find it now, `VALID` if nothing it read has changed. */
  validate(): ValidationCode {
    for (const [key, version] of this.#reads)
      if (!same(this.#state.get(key)?.version, version)) return 'MVCC_READ_CONFLICT';
    for (const { start, end, found } of this.#ranges) {
      const now = this.#state.range(start, end);
      const equal =
        now.length === found.length &&
        now.every(
          ({ key, version }, index) => key === found[index]?.key && same(version, found[index].version),
        );
      if (!equal) return 'PHANTOM_READ_CONFLICT';
    }
    return 'VALID';
  }

  handleGetState(_collection: string, key: string): Promise<Uint8Array> {
    const stored = this.#state.get(key);
    this.#reads.set(key, stored?.version);
    return Promise.resolve(stored?.value ?? Buffer.alloc(0));
  }

  handlePutState(_collection: string, key: string, value: Uint8Array): Promise<void> {
    return this.#write(key, Buffer.from(value));
  }

  handleDeleteState(_collection: string, key: string): Promise<void> {
    return this.#write(key, undefined);
  }

  /** @param metadata Serialised `QueryMetadata` of a paged query. */
  handleGetStateByRange(
    _collection: string,
    start: string,
    end: string,
    _channel: string,
    _transaction: string,
    metadata?: Uint8Array,
  ): Promise<{ iterator: object; metadata?: { fetchedRecordsCount: number; bookmark: string } }> {
    const paging = metadata && pagingOf(metadata);
    const from = paging?.bookmark ? paging.bookmark : start;
    const all = this.#state.range(from, end);
    const found = paging ? all.slice(0, paging.size) : all;
    if (paging) {
      if (this.#writes.size > 0)
        throw new Error('paged queries are supported only in a read-only transaction');
      this.#paged = true;
    } else this.#ranges.push({ start, end, found });
    for (const { key, version } of found) this.#reads.set(key, version);
    return Promise.resolve({
      iterator: iteratorOver(found.map(({ key, value }) => ({ key, value }))),
      // As the shim: an empty page has none.
      ...(found.length > 0 && {
        metadata: { fetchedRecordsCount: found.length, bookmark: all[found.length]?.key ?? '' },
      }),
    });
  }

  handleGetHistoryForKey(key: string): Promise<object> {
    const versions = this.#state.history(key).map(({ transaction, at, value }) => ({
      txId: transaction,
      value: value ?? Buffer.alloc(0),
      isDelete: value === undefined,
      timestamp: { seconds: Math.floor(at.getTime() / 1000), nanos: (at.getTime() % 1000) * 1e6 },
    }));
    return Promise.resolve(iteratorOver(versions));
  }

  handleInvokeChaincode(chaincode: string, args: readonly string[]): Promise<InvokedResponse> {
    return this.#invoke(chaincode, args);
  }

  #write(key: string, value: Uint8Array | undefined): Promise<void> {
    if (this.#paged)
      return Promise.reject(new Error('paged queries are supported only in a read-only transaction'));
    this.#writes.set(key, value);
    return Promise.resolve();
  }
}

function iteratorOver(items: readonly object[]): object {
  let position = 0;
  return {
    next: () => {
      const value = items[position];
      position += 1;
      return Promise.resolve(value ? { value, done: false } : { done: true });
    },
    close: () => Promise.resolve(),
  };
}

function pagingOf(metadata: Uint8Array): { size: number; bookmark: string } {
  const decoded = peer.QueryMetadata.deserializeBinary(metadata);
  return { size: decoded.getPagesize(), bookmark: decoded.getBookmark() };
}
