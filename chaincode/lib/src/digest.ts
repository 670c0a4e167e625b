import { createHash } from 'node:crypto';

/** SHA-256 of UTF-8 text or bytes, in lower-case hex. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
