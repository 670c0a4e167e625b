import { createHash } from 'node:crypto';

/** Numbers that look random and are the same for the same seed, everywhere: digests of the seed and a count. */
export class Random {
  readonly #seed: string;
  #count = 0;

  /** @param seed - Parts that together name the sequence. */
  constructor(...seed: readonly (string | number)[]) {
    this.#seed = seed.join('/');
  }

  /** At least 0 and below 1. */
  next(): number {
    const digest = createHash('sha256').update(`${this.#seed}#${this.#count++}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** One of these. @throws RangeError if there are none. */
  pick<T>(choices: readonly T[]): T {
    const [first] = choices;
    if (first === undefined) throw new RangeError('nothing to pick from');
    return choices[this.whole(0, choices.length - 1)] ?? first;
  }

  bytes(length: number): Buffer {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
      createHash('sha256').update(`${this.#seed}#${this.#count++}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, length);
  }
}
