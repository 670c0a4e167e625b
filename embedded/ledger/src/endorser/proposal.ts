import { sha256 } from '../crypto/hash.js';
import { isSignedBy } from '../crypto/signatures.js';
import { type Identity } from '../msp/identity.js';
import { type MspManager } from '../msp/msp-manager.js';
import { ChannelHeader, Header, headerType, SignatureHeader } from '../wire/common.js';
import {
  ChaincodeHeaderExtension,
  ChaincodeInput,
  ChaincodeInvocationSpec,
  ChaincodeProposalPayload,
  Proposal,
  SignedProposal,
} from '../wire/transaction.js';

/** A proposal taken apart. */
export interface UnpackedProposal {
  /** `SignedProposal`, as it came. */
  readonly bytes: Buffer;
  readonly signed: SignedProposal;
  readonly header: Header;
  readonly channelHeader: ChannelHeader;
  readonly signatureHeader: SignatureHeader;
  readonly chaincode: string;
  /** `ChaincodeInput`. */
  readonly input: Buffer;
  readonly isInit: boolean;
  /** `ChaincodeInvocationSpec`. */
  readonly invocation: Buffer;
  readonly hasTransientData: boolean;
  /** `ChaincodeProposalPayload` without transient data: what goes into the transaction. */
  readonly payloadForTransaction: Buffer;
  /** Ties endorsements to the proposal. */
  readonly hash: Buffer;
}

/** @throws with what is malformed. */
export function unpackProposal(bytes: Buffer): UnpackedProposal {
  const signed = SignedProposal.decode(bytes);
  const proposal = Proposal.decode(signed.proposalBytes);
  const header = Header.decode(proposal.header);
  const channelHeader = ChannelHeader.decode(header.channelHeader);
  const signatureHeader = SignatureHeader.decode(header.signatureHeader);
  const { chaincodeId } = ChaincodeHeaderExtension.decode(channelHeader.extension);
  if (chaincodeId === undefined) throw new Error('ChaincodeHeaderExtension.ChaincodeId is nil');
  if (chaincodeId.name === '') throw new Error('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  const payload = ChaincodeProposalPayload.decode(proposal.payload);
  const { chaincodeSpec } = ChaincodeInvocationSpec.decode(payload.input);
  if (chaincodeSpec === undefined)
    throw new Error('chaincode invocation spec did not contain chaincode spec');
  if (chaincodeSpec.input === undefined) throw new Error('chaincode input did not contain any input');
  const payloadForTransaction = ChaincodeProposalPayload.encode({ input: payload.input });
  return {
    bytes,
    signed,
    header,
    channelHeader,
    signatureHeader,
    chaincode: chaincodeId.name,
    input: ChaincodeInput.encode({ ...chaincodeSpec.input, decorations: [] }),
    isInit: chaincodeSpec.input.isInit,
    invocation: payload.input,
    hasTransientData: payload.transientMap.length > 0,
    payloadForTransaction,
    hash: sha256(header.channelHeader, header.signatureHeader, payloadForTransaction),
  };
}

/** The id that a proposal with this nonce and creator must have. */
export const transactionIdOf = ({ nonce, creator }: SignatureHeader): string =>
  sha256(nonce, creator).toString('hex');

/** Checks form, transaction id, creator and signature. @throws with Fabric's words for what is wrong. */
export function validateProposal(proposal: UnpackedProposal, members: MspManager): Identity {
  const { channelHeader, signatureHeader, signed } = proposal;
  if (channelHeader.type !== headerType.endorserTransaction && channelHeader.type !== headerType.config)
    throw new Error(`invalid header type ${channelHeader.type}`);
  if (channelHeader.epoch !== 0) throw new Error('epoch is non-zero');
  if (signatureHeader.nonce.length === 0) throw new Error('nonce is empty');
  if (signatureHeader.creator.length === 0) throw new Error('creator is empty');
  const expected = transactionIdOf(signatureHeader);
  if (channelHeader.txId !== expected)
    throw new Error(`incorrectly computed txid '${channelHeader.txId}' -- expected '${expected}'`);
  if (signed.signature.length === 0) throw new Error('empty signature bytes');
  let creator: Identity;
  try {
    creator = members.deserialize(signatureHeader.creator);
  } catch {
    throw new Error(
      `access denied: channel [${channelHeader.channelId}] creator org unknown, creator is malformed`,
    );
  }
  if (creator.invalid !== undefined || !isSignedBy(creator, signed.proposalBytes, signed.signature))
    throw new Error(`access denied: channel [${channelHeader.channelId}] creator org [${creator.mspId}]`);
  return creator;
}
