import { sha256 } from '../crypto/hash.js';
import { isSignedBy } from '../crypto/signatures.js';
import { hasExpired, type Identity } from '../msp/identity.js';
import { ChannelHeader, Header, headerType, headerTypeName, SignatureHeader } from '../wire/common.js';
import { noBytes, type Decoded } from '../wire/message.js';
import { WireError } from '../wire/reader.js';
import {
  ChaincodeHeaderExtension,
  ChaincodeInput,
  ChaincodeInvocationSpec,
  ChaincodeProposalPayload,
  Proposal,
  SignedProposal,
  type ChaincodeId,
  type ChaincodeSpec,
} from '../wire/transaction.js';

/** A proposal taken apart. */
export interface UnpackedProposal {
  /** `SignedProposal`, as it came. */
  readonly bytes: Buffer;
  readonly signed: SignedProposal;
  readonly header: Header;
  readonly channelHeader: ChannelHeader;
  readonly signatureHeader: SignatureHeader;
  /** What is to be invoked, in a gateway's eyes: its chaincode says whose peers to ask. */
  readonly specification: Decoded<typeof ChaincodeSpec> | undefined;
  /** What an endorser finds missing; with it, the next three mean nothing. */
  readonly fault: string | undefined;
  /** Chaincode that the header names: what an endorser runs. */
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
  const proposal = reading('proposal', () => Proposal.decode(signed.proposalBytes));
  const header = reading('header', () => Header.decode(proposal.header));
  const channelHeader = ChannelHeader.decode(header.channelHeader);
  const signatureHeader = SignatureHeader.decode(header.signatureHeader);
  const { chaincodeId } = ChaincodeHeaderExtension.decode(channelHeader.extension);
  const payload = ChaincodeProposalPayload.decode(proposal.payload);
  const { chaincodeSpec } = ChaincodeInvocationSpec.decode(payload.input);
  const input = chaincodeSpec?.input;
  const payloadForTransaction = ChaincodeProposalPayload.encode({ input: payload.input });
  return {
    bytes,
    signed,
    header,
    channelHeader,
    signatureHeader,
    specification: chaincodeSpec,
    fault: faultOf(chaincodeId, chaincodeSpec),
    chaincode: chaincodeId?.name ?? '',
    input: input === undefined ? noBytes : ChaincodeInput.encode({ ...input, decorations: [] }),
    isInit: input?.isInit === true,
    invocation: payload.input,
    hasTransientData: payload.transientMap.length > 0,
    payloadForTransaction,
    hash: sha256(header.channelHeader, header.signatureHeader, payloadForTransaction),
  };
}

function faultOf(
  chaincodeId: Decoded<typeof ChaincodeId> | undefined,
  specification: Decoded<typeof ChaincodeSpec> | undefined,
): string | undefined {
  if (chaincodeId === undefined) return 'ChaincodeHeaderExtension.ChaincodeId is nil';
  if (chaincodeId.name === '') return 'ChaincodeHeaderExtension.ChaincodeId.Name is empty';
  if (specification === undefined) return 'chaincode invocation spec did not contain chaincode spec';
  if (specification.input === undefined) return 'chaincode input did not contain any input';
  return undefined;
}

/** A proposal whose outer parts cannot be read, in which case a peer's filters name the part. */
export class UnreadableProposalError extends Error {
  constructor(
    readonly part: 'proposal' | 'header',
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

function reading<T>(part: UnreadableProposalError['part'], decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof WireError ? new UnreadableProposalError(part, error) : error;
  }
}

const timeWindowMs = 15 * 60 * 1000;

/**
 * What a peer's filters look at before anything else: that the client's certificate has not expired and that the proposal
 * was made within a quarter of an hour of now. @returns why they refuse it.
 */
export function filterProposal(
  { channelHeader: { timestamp } }: UnpackedProposal,
  creator: Identity | undefined,
): string | undefined {
  const now = Date.now();
  if (creator !== undefined && hasExpired(creator, now)) return 'proposal client identity expired';
  const made = timestamp === undefined ? 0 : timestamp.seconds * 1000 + timestamp.nanos / 1_000_000;
  if (Math.abs(made - now) <= timeWindowMs) return undefined;
  return `request unauthorized due to incorrect timestamp ${timeText(made)}, peer time ${timeText(now)}, peer.authentication.timewindow 15m0s`;
}

/** A time as Go prints it; a client may claim one that no calendar has. */
function timeText(milliseconds: number): string {
  const time = new Date(milliseconds);
  return Number.isNaN(time.valueOf())
    ? String(milliseconds)
    : `${time.toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`;
}

/** The id that a proposal with this nonce and creator must have. */
export const transactionIdOf = ({ nonce, creator }: SignatureHeader): string =>
  sha256(nonce, creator).toString('hex');

/**
 * Checks form, transaction id, creator (undefined if nobody that the channel knows) and signature.
 * @throws with Fabric's words for what is wrong.
 */
export function validateProposal(proposal: UnpackedProposal, creator: Identity | undefined): void {
  const { channelHeader, signatureHeader, signed } = proposal;
  if (channelHeader.type !== headerType.endorserTransaction && channelHeader.type !== headerType.config)
    throw new Error(`invalid header type ${headerTypeName(channelHeader.type)}`);
  if (channelHeader.epoch !== 0) throw new Error('epoch is non-zero');
  if (signatureHeader.nonce.length === 0) throw new Error('nonce is empty');
  if (signatureHeader.creator.length === 0) throw new Error('creator is empty');
  const expected = transactionIdOf(signatureHeader);
  if (channelHeader.txId !== expected)
    throw new Error(`incorrectly computed txid '${channelHeader.txId}' -- expected '${expected}'`);
  if (signed.signature.length === 0) throw new Error('empty signature bytes');
  const denied = `access denied: channel [${channelHeader.channelId}] creator org`;
  if (creator === undefined || creator.unchained === true)
    throw new Error(`${denied} unknown, creator is malformed`);
  if (creator.invalid !== undefined || !isSignedBy(creator, signed.proposalBytes, signed.signature))
    throw new Error(`${denied} [${creator.mspId}]`);
}
