/**
 * How a file lies in Tink's streaming format `AES256_GCM_HKDF_1MB`: segments of one mebibyte of ciphertext, the last one
 * shorter, a header at the begin of the first.
 * @see {@link https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming | the published format}
 */

/** Bytes of ciphertext in every segment but the last. */
export const segmentBytes = 1_048_576;
/** Bytes of the key, and of the salt in the header. */
export const streamKeyBytes = 32;
export const noncePrefixBytes = 7;
export const tagBytes = 16;
/** One byte that says how long the header is, the salt, the prefix of every nonce. */
export const headerBytes = 1 + streamKeyBytes + noncePrefixBytes;

/** Bytes of plaintext that a full segment holds. */
export function plaintextCapacity(segment: number): number {
  return segmentBytes - tagBytes - (segment === 0 ? headerBytes : 0);
}

/** Bytes of plaintext before a segment. */
export function plaintextBefore(segment: number): number {
  return segment === 0 ? 0 : segment * (segmentBytes - tagBytes) - headerBytes;
}

/** Bytes of ciphertext, header and tags included, of so many bytes of plaintext. */
export function ciphertextLength(plaintext: number): number {
  return headerBytes + plaintext + tagBytes * segmentCount(plaintext);
}

/** Segments that so many bytes of plaintext make; an empty file has one. */
export function segmentCount(plaintext: number): number {
  return Math.max(1, Math.ceil((plaintext + headerBytes) / (segmentBytes - tagBytes)));
}

/** Bytes of plaintext in a ciphertext of that length; undefined if no plaintext has one of it. */
export function plaintextLength(ciphertext: number): number | undefined {
  const plaintext = ciphertext - headerBytes - tagBytes * Math.max(1, Math.ceil(ciphertext / segmentBytes));
  return plaintext >= 0 && ciphertextLength(plaintext) === ciphertext ? plaintext : undefined;
}

/** The segment in which a byte of plaintext lies. */
export function segmentAt(offset: number): number {
  return Math.floor((offset + headerBytes) / (segmentBytes - tagBytes));
}
