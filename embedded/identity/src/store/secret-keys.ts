import { hkdfSync } from 'node:crypto';
import { IdentityConfigurationError } from '../errors.js';

const keyBytes = 32;

/** What is derived from the one key that a provider is given. */
export class SecretKeys {
  readonly #root: Buffer;

  /**
   * @param hex - 32 bytes in hex
   * @throws {@link IdentityConfigurationError} for anything else.
   */
  constructor(hex: string) {
    if (!/^[0-9a-fA-F]{64}$/.test(hex))
      throw new IdentityConfigurationError('the key must be 32 bytes in hex');
    this.#root = Buffer.from(hex, 'hex');
  }

  /** Encrypts what is kept on disk. */
  get sealing(): Buffer {
    return this.#derive('sealing');
  }

  /** Hides the names of what is kept on disk. */
  get naming(): Buffer {
    return this.#derive('naming');
  }

  /** Signs the cookies of browsers. */
  get cookies(): string {
    return this.#derive('cookies').toString('base64url');
  }

  /** Bearer secret of whoever runs the provider: it opens the administration. */
  get administration(): string {
    return this.#derive('administration').toString('base64url');
  }

  #derive(purpose: string): Buffer {
    return Buffer.from(
      hkdfSync('sha256', this.#root, Buffer.alloc(0), `medigraph identity ${purpose}`, keyBytes),
    );
  }
}

/** Bearer secret of the administration of the provider that was given this key. */
export const administrationSecretOf = (hexKey: string): string => new SecretKeys(hexKey).administration;
