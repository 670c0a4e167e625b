import { type KeyObject } from 'node:crypto';
import { type EnvelopeService } from './envelope.js';
import { KeyUnwrapError } from './errors.js';

/**
 * A content key, unwrapped with whichever of the keys it was wrapped for: after a rotation some are still wrapped for the
 * one before.
 * @param privateKeys - Newest first.
 * @throws `KEY_UNWRAP_FAILED`
 */
export async function unwrapWithAny(
  envelopes: Pick<EnvelopeService, 'unwrap'>,
  wrapped: string,
  privateKeys: readonly KeyObject[],
): Promise<Uint8Array> {
  let failure: unknown = new KeyUnwrapError('there is no key to unwrap it with');
  for (const privateKey of privateKeys) {
    try {
      return await envelopes.unwrap(wrapped, privateKey);
    } catch (error) {
      if (!(error instanceof KeyUnwrapError)) throw error;
      failure = error;
    }
  }
  throw failure;
}
