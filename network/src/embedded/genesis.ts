import { common, msp, orderer } from '@hyperledger/fabric-protos';
import wellKnown from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { authorityName } from '../certificate-authorities.js';
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
  setMetaPolicies(application);
  const ordererGroup = await organizationsGroup(folder, 'orderer', [ordering]);
  setMetaPolicies(ordererGroup);
  setValues(ordererGroup, batchValues(batch));

  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  group.getGroupsMap().set('Application', application);
  group.getGroupsMap().set('Orderer', ordererGroup);
  setMetaPolicies(group);
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const width = new common.BlockDataHashingStructure();
  width.setWidth(2 ** 32 - 1);
  setValues(group, { HashingAlgorithm: hashing, BlockDataHashingStructure: width });
  return group;
}

async function organizationsGroup(
  folder: string,
  kind: 'peer' | 'orderer',
  members: readonly { readonly mspId: string; readonly domain: string }[],
): Promise<common.ConfigGroup> {
  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  for (const { mspId, domain } of members) {
    const mspFolder = path.join(folder, organizationFolder(kind, domain), 'msp');
    const organization = new common.ConfigGroup();
    organization.setModPolicy('Admins');
    setValues(organization, {
      MSP: mspValue(mspId, {
        root: await readFile(path.join(mspFolder, 'cacerts', 'ca.pem')),
        authority: await readFile(
          path.join(mspFolder, 'intermediatecerts', `${authorityName(domain)}-cert.pem`),
        ),
        tlsAuthority: await readFile(path.join(mspFolder, 'tlscacerts', 'tlsca.pem')),
      }),
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

interface Authorities {
  readonly root: Buffer;
  /** The organisation's own, below the root. */
  readonly authority: Buffer;
  readonly tlsAuthority: Buffer;
}

function mspValue(mspId: string, { root, authority, tlsAuthority }: Authorities): msp.MSPConfig {
  const unit = (identifier: string) => {
    const value = new msp.FabricOUIdentifier();
    value.setCertificate(authority);
    value.setOrganizationalUnitIdentifier(identifier);
    return value;
  };
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit('client'));
  units.setPeerOuIdentifier(unit('peer'));
  units.setAdminOuIdentifier(unit('admin'));
  units.setOrdererOuIdentifier(unit('orderer'));
  const hashing = new msp.FabricCryptoConfig();
  hashing.setSignatureHashFamily('SHA2');
  hashing.setIdentityIdentifierHashFunction('SHA256');
  const fabric = new msp.FabricMSPConfig();
  fabric.setName(mspId);
  fabric.addRootCerts(root);
  fabric.addIntermediateCerts(authority);
  fabric.addTlsRootCerts(tlsAuthority);
  fabric.setFabricNodeOus(units);
  fabric.setCryptoConfig(hashing);
  const config = new msp.MSPConfig();
  config.setConfig(fabric.serializeBinary());
  return config;
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

function setMetaPolicies(group: common.ConfigGroup): void {
  const rules = { Readers: 'ANY', Writers: 'ANY', Endorsement: 'MAJORITY', Admins: 'MAJORITY' } as const;
  for (const [name, rule] of Object.entries(rules)) {
    const meta = new common.ImplicitMetaPolicy();
    meta.setSubPolicy(name);
    meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
    group
      .getPoliciesMap()
      .set(name, configPolicy(common.Policy.PolicyType.IMPLICIT_META, meta.serializeBinary()));
  }
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
