import { createHash, randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { creatorOf, sign, type Signatory } from './identity.js';

/** A proposal as a client might make it, right or wrong in any part. */
export interface ProposalParts {
  readonly args?: readonly (string | Uint8Array)[];
  readonly channel?: string;
  /** Whether the chaincode is called as init. */
  readonly isInit?: boolean;
  readonly chaincode?: string;
  readonly nonce?: Uint8Array;
  readonly creator?: Uint8Array;
  readonly transactionId?: string;
  readonly signature?: Uint8Array;
  readonly headerType?: number;
  readonly headerVersion?: number;
  readonly epoch?: number;
  readonly time?: Date;
  readonly chaincodeType?: peer.ChaincodeSpec.TypeMap[keyof peer.ChaincodeSpec.TypeMap];
  /** Name in the header, where it differs from the one that is called. */
  readonly extensionChaincode?: string;
  readonly payload?: Uint8Array;
  readonly header?: Uint8Array;
  /** The whole proposal. */
  readonly bytes?: Uint8Array;
  readonly without?: readonly ('extension' | 'extension id' | 'input' | 'spec' | 'chaincode id')[];
}

export interface SignedProposal {
  readonly transactionId: string;
  readonly channel: string;
  readonly signed: peer.SignedProposal;
}

function payloadOf({ args = ['get', 'nothing'], chaincode = 'probe', ...parts }: ProposalParts): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg)));
  if (parts.isInit) input.setIsInit(true);
  const spec = new peer.ChaincodeSpec();
  spec.setType(parts.chaincodeType ?? peer.ChaincodeSpec.Type.NODE);
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  if (!parts.without?.includes('chaincode id')) spec.setChaincodeId(id);
  if (!parts.without?.includes('input')) spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  if (!parts.without?.includes('spec')) invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

function headerOf(
  transactionId: string,
  creator: Uint8Array,
  nonce: Uint8Array,
  { channel = 'care', chaincode = 'probe', time = new Date(), ...parts }: ProposalParts,
): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(parts.extensionChaincode ?? chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  if (!parts.without?.includes('extension id')) extension.setChaincodeId(id);
  const timestamp = new timestamps.Timestamp();
  timestamp.fromDate(time);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(parts.headerType ?? common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setVersion(parts.headerVersion ?? 0);
  channelHeader.setTimestamp(timestamp);
  channelHeader.setTxId(transactionId);
  channelHeader.setChannelId(channel);
  channelHeader.setEpoch(parts.epoch ?? 0);
  if (!parts.without?.includes('extension')) channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator);
  signatureHeader.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  return header.serializeBinary();
}

/** Makes a proposal by hand and signs it. */
export async function makeProposal(signatory: Signatory, parts: ProposalParts = {}): Promise<SignedProposal> {
  const nonce = parts.nonce ?? randomBytes(24);
  const creator = parts.creator ?? creatorOf(signatory);
  const transactionId =
    parts.transactionId ?? createHash('sha256').update(nonce).update(creator).digest('hex');
  const proposal = new peer.Proposal();
  proposal.setHeader(parts.header ?? headerOf(transactionId, creator, nonce, parts));
  proposal.setPayload(parts.payload ?? payloadOf(parts));
  const bytes = parts.bytes ?? proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(parts.signature ?? (await sign(signatory, bytes)));
  return { transactionId, channel: parts.channel ?? 'care', signed };
}
