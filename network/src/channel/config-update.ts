import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { signers } from '@hyperledger/fabric-gateway';
import { common, msp } from '@hyperledger/fabric-protos';
import wellKnown from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { type AdminIdentity, type PeerConnection } from '../admin/peer-connection.js';
import { groupDifference } from './config-difference.js';

const nonceLength = 24;

/**
 * The update by which a channel's configuration becomes another, as small as Fabric's own tool makes it; undefined if they
 * say the same. Versions in `desired` mean nothing: change a copy of the configuration that is in effect.
 */
export function configUpdateOf(
  channel: string,
  original: common.Config,
  desired: common.Config,
): common.ConfigUpdate | undefined {
  const nothing = new common.ConfigGroup();
  const difference = groupDifference(
    original.getChannelGroup() ?? nothing,
    desired.getChannelGroup() ?? nothing,
  );
  if (difference === undefined) return undefined;
  const update = new common.ConfigUpdate();
  update.setChannelId(channel);
  update.setReadSet(difference.read);
  update.setWriteSet(difference.write);
  return update;
}

function signatureHeaderOf({ mspId, certificate }: AdminIdentity): Uint8Array {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(mspId);
  creator.setIdBytes(Buffer.from(certificate));
  const header = new common.SignatureHeader();
  header.setCreator(creator.serializeBinary());
  header.setNonce(randomBytes(nonceLength));
  return header.serializeBinary();
}

function signed({ privateKey }: AdminIdentity, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const digest = createHash('sha256').update(Buffer.concat(parts)).digest();
  return signers.newPrivateKeySigner(createPrivateKey(privateKey))(digest);
}

/** One administrator's consent to an update; made where the administrator's key is. */
export async function signConfigUpdate(
  update: Uint8Array,
  administrator: AdminIdentity,
): Promise<common.ConfigSignature> {
  const header = signatureHeaderOf(administrator);
  const signature = new common.ConfigSignature();
  signature.setSignatureHeader(header);
  signature.setSignature(await signed(administrator, header, update));
  return signature;
}

/**
 * The transaction that asks an orderer for an update.
 * @param sender - who sends it, which counts for no more than the right to write to the channel
 */
export async function configUpdateTransaction(
  update: common.ConfigUpdate,
  signatures: readonly common.ConfigSignature[],
  sender: AdminIdentity,
): Promise<common.Envelope> {
  const content = new common.ConfigUpdateEnvelope();
  content.setConfigUpdate(update.serializeBinary());
  content.setSignaturesList([...signatures]);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(update.getChannelId());
  channelHeader.setTimestamp(wellKnown.Timestamp.fromDate(new Date()));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeaderOf(sender));
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(content.serializeBinary());
  const bytes = payload.serializeBinary();
  const envelope = new common.Envelope();
  envelope.setPayload(bytes);
  envelope.setSignature(await signed(sender, bytes));
  return envelope;
}

/** An update signed by all of these administrators, the first of which sends it. */
export async function signedConfigUpdate(
  update: common.ConfigUpdate,
  administrators: readonly [AdminIdentity, ...AdminIdentity[]],
): Promise<common.Envelope> {
  const bytes = update.serializeBinary();
  const signatures = await Promise.all(administrators.map((each) => signConfigUpdate(bytes, each)));
  return configUpdateTransaction(update, signatures, administrators[0]);
}

/** The configuration of a channel that is in effect at a peer. @throws {@link AdministrationRefusedError}. */
export async function currentConfig(connection: PeerConnection, channel: string): Promise<common.Config> {
  const answer = await connection.callSystemChaincode('cscc', 'GetChannelConfig', Buffer.from(channel));
  return common.Config.deserializeBinary(answer);
}
