import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { type SealedLevel } from '../store/sealed-level.js';

export const signingAlgorithm = 'ES256';

const signingKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
  alg: z.literal(signingAlgorithm),
  use: z.literal('sig'),
});
export type SigningKey = z.infer<typeof signingKey>;

/** Milliseconds since the epoch for every time. */
const keyRing = z.strictObject({
  current: signingKey,
  since: z.int(),
  /** Published already, so that verifiers know it when it begins to sign. */
  next: signingKey,
  older: z.array(z.strictObject({ key: signingKey, replacedAt: z.int() })),
});
type KeyRing = z.infer<typeof keyRing>;

/** A replaced key verifies for as long as anything that it signed may be valid; ID tokens last longest, an hour. */
const verifiesMs = 2 * 3_600_000;

async function newKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return signingKey.parse({ ...jwk, kid, alg: signingAlgorithm, use: 'sig' });
}

/** The keys of the provider: one signs, those before it still verify, the next one is published already. */
export class SigningKeys {
  readonly #store: SealedLevel;
  #ring: KeyRing;

  private constructor(store: SealedLevel, ring: KeyRing) {
    this.#store = store;
    this.#ring = ring;
  }

  static async open(store: SealedLevel): Promise<SigningKeys> {
    const found = await store.get(['signing-keys']);
    if (found !== undefined) return new SigningKeys(store, keyRing.parse(found));
    const ring = { current: await newKey(), since: Date.now(), next: await newKey(), older: [] };
    await store.write({ path: ['signing-keys'], value: ring });
    return new SigningKeys(store, ring);
  }

  /** The one that signs comes first. */
  get all(): [SigningKey, ...SigningKey[]] {
    const { current, older, next } = this.#ring;
    return [current, ...older.map(({ key }) => key), next];
  }

  /** For how many milliseconds the current key has been signing. */
  get age(): number {
    return Date.now() - this.#ring.since;
  }

  /** Signs with the next key from now on, and forgets those that verify nothing any more. */
  async rotate(): Promise<void> {
    const now = Date.now();
    const { current, next, older } = this.#ring;
    const ring: KeyRing = {
      current: next,
      since: now,
      next: await newKey(),
      older: [{ key: current, replacedAt: now }, ...older].filter(
        ({ replacedAt }) => now - replacedAt < verifiesMs,
      ),
    };
    await this.#store.write({ path: ['signing-keys'], value: ring });
    this.#ring = ring;
  }
}
