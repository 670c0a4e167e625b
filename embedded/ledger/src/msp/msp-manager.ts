import { reasonOf } from '../errors.js';
import { SerializedIdentity } from '../wire/common.js';
import { RecentMap } from '../crypto/recent.js';
import { type Identity } from './identity.js';
import { type Msp } from './msp.js';

/** The organisations that a channel knows. */
export class MspManager {
  readonly #msps: ReadonlyMap<string, Msp>;
  readonly #recent = new RecentMap<string, Identity>(10_000);

  constructor(msps: Iterable<Msp>) {
    this.#msps = new Map([...msps].map((msp) => [msp.mspId, msp]));
  }

  get mspIds(): string[] {
    return [...this.#msps.keys()];
  }

  /** As {@link deserialize}; undefined for what that throws for. */
  find(serialized: Buffer): Identity | undefined {
    try {
      return this.deserialize(serialized);
    } catch {
      return undefined;
    }
  }

  /**
   * The identity that serialized bytes stand for; it may still be invalid.
   * @throws if the bytes are malformed or the organisation is not of this channel.
   */
  deserialize(serialized: Buffer): Identity {
    const name = serialized.toString('latin1');
    const known = this.#recent.get(name);
    if (known !== undefined) return known;
    const { mspid, idBytes } = SerializedIdentity.decode(serialized);
    const msp = this.#msps.get(mspid);
    if (msp === undefined) throw new Error(`MSP ${mspid} is unknown`);
    try {
      const identity = msp.identity(idBytes);
      this.#recent.set(name, identity);
      return identity;
    } catch (error) {
      throw new Error(`could not decode the certificate: ${reasonOf(error)}`, { cause: error });
    }
  }
}
