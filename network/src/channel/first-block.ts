import { common, orderer, peer } from '@hyperledger/fabric-protos';
import wellKnown from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { createHash, randomBytes } from 'node:crypto';
import { anyRole, capabilities, configGroup, metaPolicy, standardPolicies } from './config-group.js';
import { consensusOf } from './consensus.js';
import { type ChannelMember, type InitialChannel, type OrderingService } from './initial-channel.js';
import { readMsp } from './msp-value.js';

const nonceLength = 24;
const metadataSlots = 5;

/** An organisation as a channel holds it. @throws {@link NetworkDescriptionError} if its MSP folder lacks what it needs. */
export async function memberGroup({ mspId, msp, anchorPeers }: ChannelMember): Promise<common.ConfigGroup> {
  const anchors = new peer.AnchorPeers();
  for (const { host, port } of anchorPeers) {
    const anchor = new peer.AnchorPeer();
    anchor.setHost(host);
    anchor.setPort(port);
    anchors.addAnchorPeers(anchor);
  }
  return configGroup({
    values: {
      MSP: await readMsp(mspId, msp),
      // In the first block, so that organisations find each other's peers without a configuration update.
      ...(anchorPeers.length > 0 && { AnchorPeers: anchors }),
    },
    policies: {
      Readers: anyRole(mspId, 'admin', 'peer', 'client'),
      Writers: anyRole(mspId, 'admin', 'client'),
      Admins: anyRole(mspId, 'admin'),
      Endorsement: anyRole(mspId, 'peer'),
    },
  });
}

/** A channel's access control list: the policy of each resource that does not fall under Fabric's own. */
export function aclsOf(acls: Readonly<Record<string, string>>): peer.ACLs {
  const list = new peer.ACLs();
  for (const [resource, policy] of Object.entries(acls)) {
    const entry = new peer.APIResource();
    entry.setPolicyRef(policy);
    list.getAclsMap().set(resource, entry);
  }
  return list;
}

async function applicationGroup({ members, acls }: InitialChannel): Promise<common.ConfigGroup> {
  const groups = await Promise.all(
    members.map(async (member) => [member.mspId, await memberGroup(member)] as const),
  );
  return configGroup({
    values: { Capabilities: capabilities('V2_5'), ...(acls && { ACLs: aclsOf(acls) }) },
    policies: {
      ...standardPolicies(),
      LifecycleEndorsement: metaPolicy('MAJORITY', 'Endorsement'),
      Endorsement: metaPolicy('MAJORITY', 'Endorsement'),
    },
    groups: Object.fromEntries(groups),
  });
}

async function ordererGroup(service: OrderingService): Promise<common.ConfigGroup> {
  const { mspId, msp, consenters, batch } = service;
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.maxTransactions);
  size.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  size.setPreferredMaxBytes(batch.preferredMaxBytes);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${batch.timeoutMs}ms`);
  const endpoints = new common.OrdererAddresses();
  endpoints.setAddressesList(consenters.map(({ host, port }) => `${host}:${port}`));
  const organization = configGroup({
    values: { MSP: await readMsp(mspId, msp), Endpoints: endpoints },
    policies: {
      Readers: anyRole(mspId, 'member'),
      Writers: anyRole(mspId, 'member'),
      Admins: anyRole(mspId, 'admin'),
    },
  });
  const { consensusType, orderers, blockValidation } = await consensusOf(service);
  return configGroup({
    values: {
      BatchSize: size,
      BatchTimeout: timeout,
      ChannelRestrictions: new orderer.ChannelRestrictions(),
      Capabilities: capabilities('V2_0'),
      ConsensusType: consensusType,
      ...(orderers && { Orderers: orderers }),
    },
    policies: { ...standardPolicies(), BlockValidation: blockValidation },
    groups: { [mspId]: organization },
  });
}

async function channelGroup(channel: InitialChannel): Promise<common.ConfigGroup> {
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const width = new common.BlockDataHashingStructure();
  width.setWidth(2 ** 32 - 1);
  return configGroup({
    values: {
      HashingAlgorithm: hashing,
      BlockDataHashingStructure: width,
      Capabilities: capabilities('V3_0'),
    },
    policies: standardPolicies(),
    groups: {
      Application: await applicationGroup(channel),
      Orderer: await ordererGroup(channel.orderer),
    },
  });
}

/** A configuration transaction that nobody signed: who has the first block takes it on trust. */
function configTransaction(channel: string, group: common.ConfigGroup): common.Envelope {
  const config = new common.Config();
  config.setChannelGroup(group);
  const content = new common.ConfigEnvelope();
  content.setConfig(config);
  const nonce = randomBytes(nonceLength);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setTxId(createHash('sha256').update(nonce).digest('hex'));
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(1);
  channelHeader.setChannelId(channel);
  channelHeader.setTimestamp(wellKnown.Timestamp.fromDate(new Date()));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(content.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

/** Metadata of a first block says only that the last configuration is its own. */
function signaturesOfNobody(): Uint8Array {
  const value = new common.OrdererBlockMetadata();
  value.setLastConfig(new common.LastConfig());
  const metadata = new common.Metadata();
  metadata.setValue(value.serializeBinary());
  return metadata.serializeBinary();
}

/**
 * The block that a channel begins with: its organisations, policies and ordering service. Two calls make different blocks,
 * so what nodes have joined with must be kept.
 * @throws {@link NetworkDescriptionError} if an MSP folder lacks what it needs.
 */
export async function firstBlock(channel: InitialChannel): Promise<Uint8Array> {
  const data = configTransaction(channel.name, await channelGroup(channel)).serializeBinary();
  const header = new common.BlockHeader();
  header.setNumber(0);
  header.setDataHash(createHash('sha256').update(data).digest());
  const blockData = new common.BlockData();
  blockData.addData(data);
  const metadata = new common.BlockMetadata();
  metadata.addMetadata(signaturesOfNobody());
  for (let slot = 1; slot < metadataSlots; slot += 1) metadata.addMetadata(new Uint8Array());
  const block = new common.Block();
  block.setHeader(header);
  block.setData(blockData);
  block.setMetadata(metadata);
  return block.serializeBinary();
}
