import { sameBytes, sha256, textOf } from './bytes.js';
import { PreparationForgedError } from './errors.js';
import { type VerifiedProposal } from './proposal.js';
import { Fields, message } from './protobuf.js';

function demandSame(one: Uint8Array, other: Uint8Array, what: string): void {
  if (!sameBytes(one, other)) throw new PreparationForgedError(what);
}

/**
 * Checks that a transaction (`common.Payload`) is that of the proposal, with what peers answered to it. What they answer
 * is theirs: whether enough of them did, every peer checks again before it commits.
 * @returns what the contract answers.
 * @throws {@link PreparationForgedError}
 */
export async function verifyTransaction(bytes: Uint8Array, proposal: VerifiedProposal): Promise<string> {
  const payload = new Fields(bytes, [1, 2]);
  demandSame(payload.bytes(1), proposal.header, 'the transaction has another header than the proposal');
  // One action, since field 1 may come once.
  const action = new Fields(new Fields(payload.bytes(2), [1]).bytes(1), [1, 2]);
  demandSame(action.bytes(1), proposal.signatureHeader, 'the transaction names another signer');
  const call = new Fields(action.bytes(2), [1, 2]);
  demandSame(call.bytes(1), proposal.payload, 'the transaction is of another call than the proposal');
  const endorsed = new Fields(call.bytes(2), [1], [2]);
  const response = new Fields(endorsed.bytes(1), [1, 2]);
  const digest = await sha256(proposal.channelHeader, proposal.signatureHeader, proposal.payload);
  demandSame(response.bytes(1), digest, 'what was endorsed is another proposal');
  const chaincodeAction = new Fields(response.bytes(2), [1, 2, 3, 4]);
  return textOf(new Fields(chaincodeAction.bytes(3), [1, 2, 3]).bytes(3));
}

/**
 * Checks that a question for a commit (`gateway.CommitStatusRequest`) is about this transaction.
 * @throws {@link PreparationForgedError}
 */
export function verifyCommitStatus(
  bytes: Uint8Array,
  channel: string,
  { transactionId, creator }: VerifiedProposal,
): void {
  const expected = message({ 1: transactionId, 2: channel, 3: creator });
  demandSame(bytes, expected, 'the question for the commit is about something else');
}
