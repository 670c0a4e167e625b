import { common, msp, peer } from '@hyperledger/fabric-protos';
import wellKnown from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { createHash } from 'node:crypto';
import { type BenchIdentity } from './identities.js';

/** What a client asks of a chaincode. */
export interface Call {
  readonly channel: string;
  readonly chaincode: string;
  /** Function and arguments. */
  readonly arguments: readonly string[];
  readonly at: Date;
  readonly nonce: Uint8Array;
}

/** A proposal as a client signs it, and the transaction id that follows from it. */
export interface SignedCall {
  readonly transaction: string;
  readonly input: peer.ChaincodeInput;
  readonly proposal: peer.SignedProposal;
}

/** Function and arguments as a chaincode is given them. */
export function inputOf(args: readonly string[]): peer.ChaincodeInput {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((one) => Buffer.from(one)));
  return input;
}

/** Makes and signs the proposal of a call, with Fabric's own messages. */
export async function propose(identity: BenchIdentity, call: Call): Promise<SignedCall> {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(identity.mspId);
  creator.setIdBytes(Buffer.from(identity.certificate));
  const signer = creator.serializeBinary();
  const transaction = createHash('sha256').update(call.nonce).update(signer).digest('hex');

  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer);
  signatureHeader.setNonce(call.nonce);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setTxId(transaction);
  channelHeader.setChannelId(call.channel);
  channelHeader.setTimestamp(wellKnown.Timestamp.fromDate(call.at));
  const chaincode = new peer.ChaincodeID();
  chaincode.setName(call.chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincode);
  channelHeader.setExtension$(extension.serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());

  const input = inputOf(call.arguments);
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincode);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());

  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(await identity.sign(bytes));
  return { transaction, input, proposal: signed };
}
