import { common, msp, orderer } from '@hyperledger/fabric-protos';
import { readFile } from 'node:fs/promises';
import { signaturePolicy, metaPolicy } from './config-group.js';
import { type Batch, type Consenter, type OrderingService } from './initial-channel.js';

/** What the consensus of a channel puts into its configuration. */
export interface ConsensusContent {
  readonly consensusType: orderer.ConsensusType;
  /** SmartBFT names its nodes apart from its options. */
  readonly orderers?: common.Orderers;
  /** Who must sign a block for peers to take it. */
  readonly blockValidation: common.Policy;
}

const consensusType = (type: string, metadata: { serializeBinary(): Uint8Array }) => {
  const value = new orderer.ConsensusType();
  value.setType(type);
  value.setMetadata(metadata.serializeBinary());
  return value;
};

async function raft(consenters: readonly Consenter[]): Promise<ConsensusContent> {
  const metadata = new orderer.etcdraft.ConfigMetadata();
  for (const { host, port, tlsCertificate } of consenters) {
    const certificate = await readFile(tlsCertificate);
    const consenter = new orderer.etcdraft.Consenter();
    consenter.setHost(host);
    consenter.setPort(port);
    consenter.setClientTlsCert(certificate);
    consenter.setServerTlsCert(certificate);
    metadata.addConsenters(consenter);
  }
  const options = new orderer.etcdraft.Options();
  // An election takes one to two seconds; Fabric's own default of five to ten is meant for wide networks.
  options.setTickInterval('100ms');
  options.setElectionTick(10);
  options.setHeartbeatTick(1);
  options.setMaxInflightBlocks(5);
  options.setSnapshotIntervalSize(16 * 1024 * 1024);
  metadata.setOptions(options);
  return {
    consensusType: consensusType('etcdraft', metadata),
    blockValidation: metaPolicy('ANY', 'Writers'),
  };
}

/** How many of `nodes` must sign, so that any two such sets share one that does not lie. */
export function byzantineQuorum(nodes: number): number {
  const faulty = Math.floor((nodes - 1) / 3);
  return Math.ceil((nodes + faulty + 1) / 2);
}

function signedByQuorum(consenters: readonly common.Consenter[]): common.Policy {
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(byzantineQuorum(consenters.length));
  const envelope = new common.SignaturePolicyEnvelope();
  for (const [index, consenter] of consenters.entries()) {
    const identity = new msp.SerializedIdentity();
    identity.setMspid(consenter.getMspId());
    identity.setIdBytes(consenter.getIdentity_asU8());
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.IDENTITY);
    principal.setPrincipal(identity.serializeBinary());
    envelope.addIdentities(principal);
    const signedBy = new common.SignaturePolicy();
    signedBy.setSignedBy(index);
    gate.addRules(signedBy);
  }
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(gate);
  envelope.setRule(rule);
  return signaturePolicy(envelope);
}

function smartBftOptions(batch: Batch): orderer.smartbft.Options {
  const options = new orderer.smartbft.Options();
  options.setRequestBatchMaxCount(batch.maxTransactions);
  options.setRequestBatchMaxBytes(batch.preferredMaxBytes);
  options.setRequestBatchMaxInterval(`${batch.timeoutMs}ms`);
  options.setRequestMaxBytes(batch.preferredMaxBytes);
  options.setIncomingMessageBufferSize(2000);
  // What waits for a block: several blocks' worth, so that a crowd of clients is not refused.
  options.setRequestPoolSize(4000);
  // A leader that is gone is replaced after some seconds; Fabric's own default of a minute is meant for wide networks.
  options.setRequestForwardTimeout('1s');
  options.setRequestComplainTimeout('5s');
  options.setRequestAutoRemoveTimeout('3m');
  options.setViewChangeResendInterval('2s');
  options.setViewChangeTimeout('10s');
  options.setLeaderHeartbeatTimeout('5s');
  options.setLeaderHeartbeatCount(10);
  options.setCollectTimeout('1s');
  options.setSyncOnStart(false);
  options.setSpeedUpViewChange(false);
  options.setLeaderRotation(orderer.smartbft.Options.Rotation.ROTATION_OFF);
  return options;
}

async function smartBft(service: OrderingService): Promise<ConsensusContent> {
  const orderers = new common.Orderers();
  for (const [index, node] of service.consenters.entries()) {
    const tls = await readFile(node.tlsCertificate);
    const consenter = new common.Consenter();
    consenter.setId(index + 1);
    consenter.setHost(node.host);
    consenter.setPort(node.port);
    consenter.setMspId(node.mspId);
    consenter.setIdentity(await readFile(node.certificate));
    consenter.setClientTlsCert(tls);
    consenter.setServerTlsCert(tls);
    orderers.addConsenterMapping(consenter);
  }
  return {
    consensusType: consensusType('BFT', smartBftOptions(service.batch)),
    orderers,
    blockValidation: signedByQuorum(orderers.getConsenterMappingList()),
  };
}

export function consensusOf(service: OrderingService): Promise<ConsensusContent> {
  return service.consensus === 'smartbft' ? smartBft(service) : raft(service.consenters);
}
