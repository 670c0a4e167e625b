/**
 * Idempotency that the ledger itself holds. A transaction's id is the digest of its nonce and its signer, and a channel
 * commits an id once. With a nonce derived from the idempotency key, repeating a submit makes the same transaction: no
 * record beside the ledger has to be kept, and none can disagree with it after a crash.
 */
import { createHash } from 'node:crypto';
import { common, gateway, msp, peer } from '@hyperledger/fabric-protos';
import { type LedgerIdentity } from './ledger-client.js';

const nonceBytes = 24;

export function creatorOf(signer: LedgerIdentity): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(signer.mspId);
  identity.setIdBytes(Buffer.from(signer.certificate));
  return identity.serializeBinary();
}

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
  const proposed = gateway.ProposedTransaction.deserializeBinary(proposalBytes);
  const signed = proposed.getProposal() ?? new peer.SignedProposal();
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());

  const nonce = nonceOf(scope.channel, scope.idempotencyKey, scope.attempt);
  const transactionId = createHash('sha256')
    .update(nonce)
    .update(signatureHeader.getCreator_asU8())
    .digest('hex');

  signatureHeader.setNonce(nonce);
  channelHeader.setTxId(transactionId);
  header.setSignatureHeader(signatureHeader.serializeBinary());
  header.setChannelHeader(channelHeader.serializeBinary());
  proposal.setHeader(header.serializeBinary());
  signed.setProposalBytes(proposal.serializeBinary());
  proposed.setProposal(signed);
  proposed.setTransactionId(transactionId);
  return proposed.serializeBinary();
}
