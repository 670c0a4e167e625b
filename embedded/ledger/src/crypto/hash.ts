import { hash } from 'node:crypto';

/** SHA-256 of the parts one after the other. In one call: for what is hashed here, copying is cheaper than a hash object. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [only] = parts;
  return hash('sha256', parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), 'buffer');
}
