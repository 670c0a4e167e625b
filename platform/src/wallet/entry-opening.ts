import { compactDecrypt, type CryptoKey, type KeyObject } from 'jose';
import { BodyTamperedError, KeyUnwrapError } from '../envelope/errors.js';
import { hex, sha256, utf8 } from './bytes.js';

/** What was wrapped, unwrapped with whichever of the keys it was wrapped for. @throws `KEY_UNWRAP_FAILED` */
export async function unwrapKey(
  wrapped: string,
  keys: readonly { readonly privateKey: CryptoKey | KeyObject }[],
): Promise<Uint8Array> {
  let cause: unknown;
  for (const { privateKey } of keys) {
    try {
      const { plaintext } = await compactDecrypt(wrapped, privateKey, {
        keyManagementAlgorithms: ['ECDH-ES+A256KW'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return plaintext;
    } catch (error) {
      cause = error;
    }
  }
  throw new KeyUnwrapError('it was not wrapped for a key of this wallet, or was altered', { cause });
}

/** The content of a sealed body. @throws `BODY_TAMPERED` */
export async function openBody(
  { id, sha256: digest }: { readonly id: string; readonly sha256: string },
  body: string,
  contentKey: Uint8Array,
): Promise<Uint8Array> {
  if (hex(await sha256(utf8(body))) !== digest) throw new BodyTamperedError(id, 'its digest differs');
  const { plaintext, protectedHeader } = await compactDecrypt(body, contentKey, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch((error: unknown) => {
    throw new BodyTamperedError(id, 'it does not decrypt with this key', { cause: error });
  });
  if (protectedHeader.kid !== id) throw new BodyTamperedError(id, 'it was sealed for another id');
  return plaintext;
}
