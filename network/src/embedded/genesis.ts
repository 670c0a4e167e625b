import { common, msp, orderer } from '@hyperledger/fabric-protos';
import wellKnown from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mspConfigOf } from '../channel/msp-config.js';
import { type NetworkDescription } from '../description.js';
import { genesisFile, organizationFolder } from './layout.js';

type Channel = NetworkDescription['channels'][number];

const nonceLength = 24;
const metadataSlots = 5;

/** Roles that satisfy an organisation's part of each policy. */
const rolesOf: Readonly<
  Record<'peer' | 'orderer', Readonly<Record<string, readonly (keyof msp.MSPRole.MSPRoleTypeMap)[]>>>
> = {
  peer: {
    Readers: ['ADMIN', 'PEER', 'CLIENT'],
    Writers: ['ADMIN', 'CLIENT'],
    Endorsement: ['PEER'],
    Admins: ['ADMIN'],
  },
  orderer: { Readers: ['MEMBER'], Writers: ['MEMBER'], Endorsement: ['PEER'], Admins: ['ADMIN'] },
};

/** Writes each channel's first block: a configuration transaction with its organisations, policies and batch settings. */
export async function writeGenesisBlocks(description: NetworkDescription, folder: string): Promise<void> {
  for (const channel of description.channels) {
    const target = path.join(folder, genesisFile(channel.name));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, await genesisBlock(description, folder, channel));
  }
}

async function genesisBlock(
  description: NetworkDescription,
  folder: string,
  channel: Channel,
): Promise<Uint8Array> {
  const config = new common.Config();
  config.setChannelGroup(await channelGroup(description, folder, channel));
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(randomBytes(nonceLength));
  const channelHeader = new common.ChannelHeader();
  channelHeader.setTxId(createHash('sha256').update(signatureHeader.getNonce_asU8()).digest('hex'));
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(1);
  channelHeader.setChannelId(channel.name);
  channelHeader.setTimestamp(wellKnown.Timestamp.fromDate(new Date()));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(configEnvelope.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());

  const data = envelope.serializeBinary();
  const blockHeader = new common.BlockHeader();
  blockHeader.setNumber(0);
  blockHeader.setDataHash(createHash('sha256').update(data).digest());
  const blockData = new common.BlockData();
  blockData.addData(data);
  const metadata = new common.BlockMetadata();
  metadata.addMetadata(signaturesOfNobody());
  for (let slot = 1; slot < metadataSlots; slot += 1) metadata.addMetadata(new Uint8Array());
  const block = new common.Block();
  block.setHeader(blockHeader);
  block.setData(blockData);
  block.setMetadata(metadata);
  return block.serializeBinary();
}

/** A first block is signed by nobody; its metadata says only that the last configuration is its own. */
function signaturesOfNobody(): Uint8Array {
  const value = new common.OrdererBlockMetadata();
  value.setLastConfig(new common.LastConfig());
  const metadata = new common.Metadata();
  metadata.setValue(value.serializeBinary());
  return metadata.serializeBinary();
}

async function channelGroup(
  { organizations, orderer: ordering, batch }: NetworkDescription,
  folder: string,
  channel: Channel,
): Promise<common.ConfigGroup> {
  const members = organizations.filter(({ mspId }) => channel.organizations.includes(mspId));
  const application = await organizationsGroup(folder, 'peer', members);
  setMetaPolicies(application, {
    Endorsement: 'MAJORITY Endorsement',
    LifecycleEndorsement: 'MAJORITY Endorsement',
  });
  setValues(application, { Capabilities: capabilities('V2_5') });
  const ordererGroup = await organizationsGroup(folder, 'orderer', [ordering]);
  setMetaPolicies(ordererGroup, { BlockValidation: 'ANY Writers' });
  setValues(ordererGroup, { ...batchValues(batch), Capabilities: capabilities('V2_0') });

  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  group.getGroupsMap().set('Application', application);
  group.getGroupsMap().set('Orderer', ordererGroup);
  setMetaPolicies(group, {});
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const width = new common.BlockDataHashingStructure();
  width.setWidth(2 ** 32 - 1);
  setValues(group, {
    HashingAlgorithm: hashing,
    BlockDataHashingStructure: width,
    Capabilities: capabilities('V3_0'),
  });
  return group;
}

async function organizationsGroup(
  folder: string,
  kind: 'peer' | 'orderer',
  members: readonly { readonly mspId: string; readonly domain: string; readonly nodes?: readonly string[] }[],
): Promise<common.ConfigGroup> {
  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  for (const { mspId, domain, nodes = [] } of members) {
    const organization = new common.ConfigGroup();
    organization.setModPolicy('Admins');
    setValues(organization, {
      MSP: await mspConfigOf(mspId, path.join(folder, organizationFolder(kind, domain), 'msp')),
      ...(kind === 'orderer' && { Endpoints: endpoints(nodes.map((node) => `${node}.${domain}:7050`)) }),
    });
    for (const [name, roles] of Object.entries(rolesOf[kind]))
      organization.getPoliciesMap().set(
        name,
        rolePolicy(
          mspId,
          roles.map((role) => msp.MSPRole.MSPRoleType[role]),
        ),
      );
    group.getGroupsMap().set(mspId, organization);
  }
  return group;
}

/** Where orderers are. Every embedded one is in a process that its clients know, so names do. */
function endpoints(addresses: string[]): common.OrdererAddresses {
  const value = new common.OrdererAddresses();
  value.setAddressesList(addresses);
  return value;
}

function rolePolicy(
  mspId: string,
  roles: readonly msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap][],
): common.ConfigPolicy {
  const oneOf = new common.SignaturePolicy.NOutOf();
  oneOf.setN(1);
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(oneOf);
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  for (const [index, role] of roles.entries()) {
    const mspRole = new msp.MSPRole();
    mspRole.setMspIdentifier(mspId);
    mspRole.setRole(role);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(mspRole.serializeBinary());
    envelope.addIdentities(principal);
    const signedBy = new common.SignaturePolicy();
    signedBy.setSignedBy(index);
    oneOf.addRules(signedBy);
  }
  return configPolicy(common.Policy.PolicyType.SIGNATURE, envelope.serializeBinary());
}

const standardPolicies = { Readers: 'ANY Readers', Writers: 'ANY Writers', Admins: 'MAJORITY Admins' };

/** Policies over those of the groups below, as `RULE NAME`. */
function setMetaPolicies(group: common.ConfigGroup, more: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries({ ...standardPolicies, ...more })) {
    const [rule = 'ANY', subPolicy = name] = text.split(' ');
    const meta = new common.ImplicitMetaPolicy();
    meta.setSubPolicy(subPolicy);
    meta.setRule(common.ImplicitMetaPolicy.Rule[rule as keyof common.ImplicitMetaPolicy.RuleMap]);
    group
      .getPoliciesMap()
      .set(name, configPolicy(common.Policy.PolicyType.IMPLICIT_META, meta.serializeBinary()));
  }
}

function capabilities(name: string): common.Capabilities {
  const value = new common.Capabilities();
  value.getCapabilitiesMap().set(name, new common.Capability());
  return value;
}

function configPolicy(type: number, value: Uint8Array): common.ConfigPolicy {
  const policy = new common.Policy();
  policy.setType(type);
  policy.setValue(value);
  const config = new common.ConfigPolicy();
  config.setModPolicy('Admins');
  config.setPolicy(policy);
  return config;
}

interface Serializable {
  serializeBinary(): Uint8Array;
}

function setValues(group: common.ConfigGroup, values: Readonly<Record<string, Serializable>>): void {
  for (const [name, value] of Object.entries(values)) {
    const config = new common.ConfigValue();
    config.setModPolicy('Admins');
    config.setValue(value.serializeBinary());
    group.getValuesMap().set(name, config);
  }
}

function batchValues(batch: NetworkDescription['batch']): Record<string, Serializable> {
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.maxTransactions);
  size.setPreferredMaxBytes(batch.preferredMaxBytes);
  size.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${batch.timeoutMs}ms`);
  const consensus = new orderer.ConsensusType();
  consensus.setType('embedded');
  return { BatchSize: size, BatchTimeout: timeout, ConsensusType: consensus };
}
