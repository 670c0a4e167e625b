import { createHash } from 'node:crypto';
import { common, gateway, msp, peer } from '@hyperledger/fabric-protos';

/** Whoever a certificate names. */
export interface Creator {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
}

/** A creator as a proposal names it. */
export function creatorOf({ mspId, certificate }: Creator): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(certificate));
  return identity.serializeBinary();
}

/**
 * Bytes of an unsigned proposal (`gateway.ProposedTransaction`) with another nonce, and if said another creator; its
 * transaction id follows from both.
 */
export function withHeader(
  proposalBytes: Uint8Array,
  { nonce, creator }: { readonly nonce: Uint8Array; readonly creator?: Uint8Array },
): Uint8Array {
  const proposed = gateway.ProposedTransaction.deserializeBinary(proposalBytes);
  const signed = proposed.getProposal() ?? new peer.SignedProposal();
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());

  if (creator) signatureHeader.setCreator(creator);
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
