import { type common } from '@hyperledger/fabric-protos';
import {
  type AdminIdentity,
  configUpdateOf,
  currentConfig,
  PeerConnection,
  signedConfigUpdate,
} from '@medigraph/network/admin';
import { readUser } from './client.js';
import { testDomains, type TestNetwork } from './test-network.js';

/** An organisation's administrator; the orderer's too. */
export async function administratorOf(network: TestNetwork, mspId: string): Promise<AdminIdentity> {
  const [kind, domain] =
    mspId === 'OrdererMSP'
      ? ['ordererOrganizations', 'orderer.example']
      : ['peerOrganizations', testDomains[mspId] ?? ''];
  const folder = network.material('organizations', kind, domain, 'users', `Admin@${domain}`, 'msp');
  const { identity, privateKey } = await readUser(mspId, folder);
  return {
    mspId,
    certificate: Buffer.from(identity.credentials).toString(),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** The configuration that is in effect at Alpha's peer. */
export async function configurationOf(network: TestNetwork, channel: string): Promise<common.Config> {
  const address = network.ledger.peers['AlphaMSP'] ?? '';
  const connection = PeerConnection.open({ address }, await administratorOf(network, 'AlphaMSP'));
  try {
    return await currentConfig(connection, channel);
  } finally {
    connection.close();
  }
}

/**
 * Sends a change of a copy of the channel's configuration, signed by these organisations' administrators.
 * @returns the orderer's answer, once the change is in effect if he took it
 */
export async function changeChannel(
  network: TestNetwork,
  channel: string,
  signatories: readonly [string, ...string[]],
  change: (group: common.ConfigGroup) => void,
): Promise<{ readonly status: number; readonly info: string }> {
  const before = await configurationOf(network, channel);
  const desired = before.clone();
  change(desired.getChannelGroup() as common.ConfigGroup);
  const update = configUpdateOf(channel, before, desired);
  if (update === undefined) throw new Error('the change changes nothing');
  const [first, ...others] = signatories;
  const envelope = await signedConfigUpdate(update, [
    await administratorOf(network, first),
    ...(await Promise.all(others.map((mspId) => administratorOf(network, mspId)))),
  ]);
  const client = await network.raw('AlphaMSP');
  const answer = await client.broadcast(Buffer.from(envelope.serializeBinary()));
  if (answer.status === 200)
    while ((await configurationOf(network, channel)).getSequence() === before.getSequence());
  return answer;
}

/** A group below another, by the names on the way. */
export function groupIn(root: common.ConfigGroup, ...path: readonly string[]): common.ConfigGroup {
  return path.reduce((group, name) => {
    const found = group.getGroupsMap().get(name);
    if (found === undefined) throw new Error(`no group ${name}`);
    return found;
  }, root);
}

/** Gives a group's value other bytes. */
export function setValue(group: common.ConfigGroup, name: string, value: Uint8Array): void {
  const entry = group.getValuesMap().get(name);
  if (entry === undefined) throw new Error(`no value ${name}`);
  entry.setValue(value);
}
