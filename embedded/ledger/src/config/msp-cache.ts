import { sha256 } from '../crypto/hash.js';
import { RecentMap } from '../crypto/recent.js';
import { Msp } from '../msp/msp.js';
import { FabricMspConfig, MspConfig } from '../wire/config-values.js';

const rememberedOrganizations = 1_000;

/**
 * Organisations as configurations describe them. Channels, and the configurations of one channel that follow each other,
 * mostly describe an organisation in the same words; it is then one {@link Msp}, which knows its members already.
 */
export class MspCache {
  readonly #known = new RecentMap<string, Promise<Msp>>(rememberedOrganizations);

  /** @throws in Fabric's words if the bytes describe no usable organisation. */
  async open(bytes: Buffer): Promise<Msp> {
    const { type, config } = MspConfig.decode(bytes);
    if (type !== 0) throw new Error(`Setup error: unsupported msp type ${type}`);
    const name = sha256(config).toString('latin1');
    let msp = this.#known.get(name);
    if (msp === undefined) {
      msp = Msp.of(FabricMspConfig.decode(config));
      this.#known.set(name, msp);
    }
    return msp;
  }
}
