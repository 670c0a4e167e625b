import { sha256 } from '../crypto/hash.js';
import { QueryReads, type KVRead, type QueryReadsMerkleSummary } from '../wire/rwset.js';

/** Results of a range query above which they are kept as hashes. */
export const maxDegree = 50;

/** A Merkle tree that folds a level into the one above once it has more than `degree` hashes. */
class MerkleTree {
  readonly #levels = new Map<number, Buffer[]>();
  #maxLevel = 1;

  constructor(readonly degree: number) {}

  get empty(): boolean {
    return this.#maxLevel === 1 && this.#at(1).length === 0;
  }

  get summary(): QueryReadsMerkleSummary {
    return {
      maxDegree: this.degree,
      maxLevel: this.#maxLevel,
      maxLevelHashes: [...this.#at(this.#maxLevel)],
    };
  }

  add(leaf: Buffer): void {
    this.#push(1, leaf);
    for (let level = 1; this.#at(level).length > this.degree; level += 1) {
      this.#push(level + 1, sha256(...this.#take(level)));
      this.#maxLevel = Math.max(this.#maxLevel, level + 1);
    }
  }

  /** Folds what is left on lower levels into the top one. */
  finish(): void {
    for (let level = 1; level < this.#maxLevel; level += 1) {
      const hashes = this.#take(level);
      const [only] = hashes;
      if (only !== undefined) this.#push(level + 1, hashes.length === 1 ? only : sha256(...hashes));
    }
    if (this.#at(this.#maxLevel).length > this.degree) {
      const folded = sha256(...this.#take(this.#maxLevel));
      this.#maxLevel += 1;
      this.#push(this.#maxLevel, folded);
    }
  }

  #at(level: number): readonly Buffer[] {
    return this.#levels.get(level) ?? [];
  }

  #push(level: number, hash: Buffer): void {
    this.#levels.set(level, [...this.#at(level), hash]);
  }

  #take(level: number): readonly Buffer[] {
    const hashes = this.#at(level);
    this.#levels.delete(level);
    return hashes;
  }
}

/** What a range query has read: the reads themselves while they are few, else a Merkle summary of them. */
export class RangeReads {
  #pending: KVRead[] = [];
  readonly #tree: MerkleTree;

  constructor(readonly degree = maxDegree) {
    this.#tree = new MerkleTree(degree);
  }

  add(read: KVRead): void {
    this.#pending.push(read);
    if (this.#pending.length > this.degree) this.#fold();
  }

  /** The summary so far, for comparing while reading. */
  get summary(): QueryReadsMerkleSummary {
    return this.#tree.summary;
  }

  /** Ends it. Exactly one of the two is there, or none if nothing was read. */
  finish(): { raw?: KVRead[]; summary?: QueryReadsMerkleSummary } {
    if (this.#tree.empty) return this.#pending.length === 0 ? {} : { raw: this.#pending };
    if (this.#pending.length > 0) this.#fold();
    this.#tree.finish();
    return { summary: this.#tree.summary };
  }

  #fold(): void {
    this.#tree.add(sha256(QueryReads.encode({ kvReads: this.#pending })));
    this.#pending = [];
  }
}
