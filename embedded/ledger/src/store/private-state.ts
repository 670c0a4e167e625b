import { type Level, type LevelSnapshot, StateRange } from './snapshot.js';
import { privateStateEnd, privateStateKey } from './private-keys.js';
import { decodeVersionedValue, type VersionedValue } from './versioned-value.js';

/** The private data of one organisation as it stood after a block. There is no way from it to another's. */
export class PrivateState {
  readonly #level: Level;
  readonly #snapshot: LevelSnapshot;

  constructor(
    level: Level,
    snapshot: LevelSnapshot,
    /** MSP id. */
    readonly holder: string,
  ) {
    this.#level = level;
    this.#snapshot = snapshot;
  }

  get(namespace: string, collection: string, key: string): VersionedValue | undefined {
    const of = { holder: this.holder, namespace, collection };
    const stored = this.#level.getSync(privateStateKey(of, key), { snapshot: this.#snapshot });
    return stored === undefined ? undefined : decodeVersionedValue(stored);
  }

  /** Keys from `startKey` to before `endKey`, or to the collection's end if that is empty, in byte order. */
  range(namespace: string, collection: string, startKey: string, endKey: string): StateRange {
    const of = { holder: this.holder, namespace, collection };
    const iterator = this.#level.iterator({
      gte: privateStateKey(of, startKey),
      lt: endKey === '' ? privateStateEnd(of) : privateStateKey(of, endKey),
      snapshot: this.#snapshot,
      highWaterMarkBytes: 256 * 1024,
    });
    return new StateRange(privateStateKey(of, '').length, iterator);
  }
}
