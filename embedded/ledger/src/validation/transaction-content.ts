import { ChannelHeader, Envelope, Payload, SignatureHeader, type Header } from '../wire/common.js';
import { type Decoded } from '../wire/message.js';
import {
  ChaincodeAction,
  ChaincodeActionPayload,
  ProposalResponsePayload,
  Transaction,
  type Endorsement,
} from '../wire/transaction.js';

/** An endorsed transaction taken apart. */
export interface TransactionContent {
  readonly envelope: Envelope;
  readonly header: Header;
  readonly channelHeader: ChannelHeader;
  /** Of the action: its nonce and creator are those of the proposal. */
  readonly actionHeader: SignatureHeader;
  readonly actionHeaderBytes: Buffer;
  readonly proposalPayload: Buffer;
  readonly responsePayload: Buffer;
  readonly proposalHash: Buffer;
  readonly endorsements: readonly Endorsement[];
  readonly action: Decoded<typeof ChaincodeAction>;
}

/** Header and data of an envelope. @throws `WireError`, or if there is no header. */
export function openEnvelope(bytes: Buffer): {
  envelope: Envelope;
  header: Header;
  data: Buffer;
  channelHeader: ChannelHeader;
  signatureHeader: SignatureHeader;
} {
  const envelope = Envelope.decode(bytes);
  const { header, data } = Payload.decode(envelope.payload);
  if (header === undefined) throw new Error('no header in the envelope');
  return {
    envelope,
    header,
    data,
    channelHeader: ChannelHeader.decode(header.channelHeader),
    signatureHeader: SignatureHeader.decode(header.signatureHeader),
  };
}

/** @throws if it is not a transaction with exactly one action. */
export function openTransaction(bytes: Buffer): TransactionContent {
  const { envelope, header, data, channelHeader } = openEnvelope(bytes);
  return { envelope, header, channelHeader, ...openAction(data) };
}

/** Takes a `Transaction` apart. @throws if it has not exactly one action, or that is malformed. */
export function openAction(data: Buffer): Omit<TransactionContent, 'envelope' | 'header' | 'channelHeader'> {
  const { actions } = Transaction.decode(data);
  const [only] = actions;
  if (only === undefined || actions.length > 1)
    throw new Error(`only one action per transaction is supported, tx contains ${actions.length}`);
  const { chaincodeProposalPayload, action } = ChaincodeActionPayload.decode(only.payload);
  if (action === undefined) throw new Error('nil action');
  const { proposalHash, extension } = ProposalResponsePayload.decode(action.proposalResponsePayload);
  return {
    actionHeader: SignatureHeader.decode(only.header),
    actionHeaderBytes: only.header,
    proposalPayload: chaincodeProposalPayload,
    responsePayload: action.proposalResponsePayload,
    proposalHash,
    endorsements: action.endorsements,
    action: ChaincodeAction.decode(extension),
  };
}
