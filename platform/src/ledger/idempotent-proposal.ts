/**
 * Idempotency that the ledger itself holds. A transaction's id is the digest of its nonce and its signer, and a channel
 * commits an id once. With a nonce derived from the idempotency key, repeating a submit makes the same transaction: no
 * record beside the ledger has to be kept, and none can disagree with it after a crash.
 */
import { createHash } from 'node:crypto';
import { withHeader } from './proposal-header.js';

const nonceBytes = 24;

/** Differs for each attempt: an attempt that lost a read conflict has used up its transaction id. */
function nonceOf(channel: string, idempotencyKey: string, attempt: number): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify(['medigraph idempotency', channel, idempotencyKey, attempt]))
    .digest()
    .subarray(0, nonceBytes);
}

/** Bytes of the proposal with its nonce, and so its id, derived from the idempotency key. */
export function withIdempotencyKey(
  proposalBytes: Uint8Array,
  scope: { readonly channel: string; readonly idempotencyKey: string; readonly attempt: number },
): Uint8Array {
  const { channel, idempotencyKey, attempt } = scope;
  return withHeader(proposalBytes, { nonce: nonceOf(channel, idempotencyKey, attempt) });
}
