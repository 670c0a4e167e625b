import { type BinaryToTextEncoding, createHash as createNodeHash, type Hash } from 'node:crypto';

/** A digest in the making, as Node has it, but no stream: of a stream's classes one leads to another, and all of the process share them. */
class Digest {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
    Object.freeze(this);
  }

  update(...data: Parameters<Hash['update']>): this {
    this.#hash.update(...data);
    return this;
  }

  /** Text in the encoding that is named, else bytes. */
  digest(encoding?: BinaryToTextEncoding): string | Buffer {
    return encoding === undefined ? this.#hash.digest() : this.#hash.digest(encoding);
  }

  copy(): Digest {
    return new Digest(this.#hash.copy());
  }
}
Object.freeze(Digest.prototype);
Object.freeze(Digest);

/** `createHash` of Node for contracts. @throws as that does */
export const createHash = (algorithm: string): Digest => new Digest(createNodeHash(algorithm));
