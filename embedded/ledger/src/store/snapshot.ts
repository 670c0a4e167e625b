import { type ClassicLevel, type Iterator as LevelIterator } from 'classic-level';
import { historyRange, positionOf, stateEnd, stateKey } from './keys.js';
import { PrivateState } from './private-state.js';
import { decodeVersionedValue, type VersionedValue } from './versioned-value.js';

export type Level = ClassicLevel<Buffer, Buffer>;
export type LevelSnapshot = ReturnType<Level['snapshot']>;

export interface KeyedValue extends VersionedValue {
  readonly key: string;
}

const readAhead = 100;

/** The state as it stood after one block. Held by the store until the next block, and by whoever retains it. */
export class Snapshot {
  readonly #level: Level;
  readonly #snapshot: LevelSnapshot;
  #holders = 1;

  constructor(
    level: Level,
    /** Number of blocks that the state comes from. */
    readonly height: number,
  ) {
    this.#level = level;
    this.#snapshot = level.snapshot();
  }

  retain(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) void this.#snapshot.close();
  }

  get(namespace: string, key: string): VersionedValue | undefined {
    const stored = this.#level.getSync(stateKey(namespace, key), { snapshot: this.#snapshot });
    return stored === undefined ? undefined : decodeVersionedValue(stored);
  }

  /** Keys from `startKey` to before `endKey`, or to the namespace's end if that is empty, in byte order. */
  range(namespace: string, startKey: string, endKey: string, includeEnd = false): StateRange {
    const end = endKey === '' ? stateEnd(namespace) : stateKey(namespace, endKey);
    const iterator = this.#level.iterator({
      gte: stateKey(namespace, startKey),
      ...(includeEnd && endKey !== '' ? { lte: end } : { lt: end }),
      snapshot: this.#snapshot,
      highWaterMarkBytes: 256 * 1024,
    });
    return new StateRange(stateKey(namespace, '').length, iterator);
  }

  /** What an organisation has of private data. */
  privateStateOf(mspId: string): PrivateState {
    return new PrivateState(this.#level, this.#snapshot, mspId);
  }

  /** Blocks and transactions that wrote a key, newest first. */
  writesOf(namespace: string, key: string): KeyWrites {
    const iterator = this.#level.iterator({
      ...historyRange(namespace, key),
      reverse: true,
      snapshot: this.#snapshot,
    });
    return new KeyWrites(iterator);
  }
}

/** Reads a LevelDB iterator entry by entry, fetching ahead. */
class Cursor {
  readonly #iterator: LevelIterator<Level, Buffer, Buffer>;
  #ahead: [Buffer, Buffer][] = [];
  #closed = false;

  constructor(iterator: LevelIterator<Level, Buffer, Buffer>) {
    this.#iterator = iterator;
  }

  async next(): Promise<[Buffer, Buffer] | undefined> {
    if (this.#ahead.length === 0 && !this.#closed) {
      this.#ahead = (await this.#iterator.nextv(readAhead)).reverse();
      if (this.#ahead.length === 0) await this.close();
    }
    return this.#ahead.pop();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#iterator.close();
  }
}

export class StateRange {
  readonly #keyStart: number;
  readonly #cursor: Cursor;

  /** @param keyStart - where the ledger's key begins in a key of the store */
  constructor(keyStart: number, iterator: LevelIterator<Level, Buffer, Buffer>) {
    this.#keyStart = keyStart;
    this.#cursor = new Cursor(iterator);
  }

  async next(): Promise<KeyedValue | undefined> {
    const entry = await this.#cursor.next();
    if (entry === undefined) return undefined;
    return { key: entry[0].toString('utf8', this.#keyStart), ...decodeVersionedValue(entry[1]) };
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }
}

export class KeyWrites {
  readonly #cursor: Cursor;

  constructor(iterator: LevelIterator<Level, Buffer, Buffer>) {
    this.#cursor = new Cursor(iterator);
  }

  async next(): Promise<{ block: number; transaction: number } | undefined> {
    const entry = await this.#cursor.next();
    return entry === undefined ? undefined : positionOf(entry[0]);
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }
}
