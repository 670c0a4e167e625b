import { common, peer } from '@hyperledger/fabric-protos';
import { type Administrator } from '../admin/deploy.js';
import { AdministrationRefusedError } from '../admin/errors.js';
import { type OrdererConnection } from '../admin/orderer-connection.js';
import { type AdminIdentity } from '../admin/peer-connection.js';
import { configUpdateOf, currentConfig, signedConfigUpdate } from '../channel/config-update.js';
import { aclsOf, memberGroup } from '../channel/first-block.js';
import { configValue } from '../channel/config-group.js';
import { type InitialChannel } from '../channel/initial-channel.js';
import { NetworkDescriptionError } from '../errors.js';
import { until } from '../native/until.js';

/** An administrator who can also consent to a channel's configuration. */
export interface SigningAdministrator extends Administrator {
  readonly identity: AdminIdentity;
}

/** Hears what is done, step by step. */
export type OnStep = (what: string) => void;

/** Milliseconds until an update that was ordered is in effect at the peers, or a leader is there to take it. */
const patience = 60_000;

const applicationOf = (config: common.Config): common.ConfigGroup => {
  const found = config.getChannelGroup()?.getGroupsMap().get('Application');
  if (found === undefined) throw new NetworkDescriptionError('the channel has no application group');
  return found;
};

/** Organisations that a configuration has as members. */
export const membersIn = (config: common.Config): string[] =>
  applicationOf(config)
    .getGroupsMap()
    .toArray()
    .map(([mspId]) => mspId);

/** The configuration that a channel begins with, out of its first block. */
export function configIn(firstBlock: Uint8Array): common.Config {
  const [envelope] = common.Block.deserializeBinary(firstBlock).getData()?.getDataList_asU8() ?? [];
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope ?? new Uint8Array()).getPayload_asU8(),
  );
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
  if (config === undefined) throw new NetworkDescriptionError('the first block has no configuration');
  return config;
}

const aclsIn = (application: common.ConfigGroup): string => {
  const value = application.getValuesMap().get('ACLs')?.getValue_asU8() ?? new Uint8Array();
  const entries: string[] = [];
  peer.ACLs.deserializeBinary(value)
    .getAclsMap()
    .forEach((resource, name) => entries.push(`${name} ${resource.getPolicyRef()}`));
  return entries.sort().join();
};

/** A copy of the configuration with what the description has beyond it. */
async function grown(config: common.Config, channel: InitialChannel, onStep: OnStep): Promise<common.Config> {
  const copy = common.Config.deserializeBinary(config.serializeBinary());
  const application = applicationOf(copy);
  const present = membersIn(config);
  for (const member of channel.members.filter(({ mspId }) => !present.includes(mspId))) {
    onStep(`${channel.name}: takes in ${member.mspId}`);
    application.getGroupsMap().set(member.mspId, await memberGroup(member));
  }
  if (channel.acls !== undefined) {
    const before = aclsIn(application);
    const value = configValue(aclsOf(channel.acls));
    const previous = application.getValuesMap().get('ACLs');
    application.getValuesMap().set('ACLs', value);
    // The order of entries in the bytes means nothing.
    if (aclsIn(application) !== before) onStep(`${channel.name}: changes who may do what`);
    else if (previous !== undefined) application.getValuesMap().set('ACLs', previous);
  }
  return copy;
}

/** Why the orderer refuses a transaction; undefined once it has taken it. @throws {@link AdministrationUnavailableError}. */
async function handOver(
  orderer: OrdererConnection,
  transaction: common.Envelope,
): Promise<AdministrationRefusedError | undefined> {
  try {
    await orderer.broadcast(transaction);
    return undefined;
  } catch (error) {
    if (error instanceof AdministrationRefusedError) return error;
    throw error;
  }
}

/**
 * Brings the configuration of a running channel to what is described: members and access control list. Every member's
 * administrator signs; answers once the update is in effect at all members' peers. What is so already is left alone.
 * @param founders - members of the channel's first block, whose peers have joined
 */
export async function growChannel(
  channel: InitialChannel,
  founders: readonly string[],
  administrators: readonly SigningAdministrator[],
  orderer: OrdererConnection,
  onStep: OnStep,
): Promise<void> {
  const { name } = channel;
  const witness = administrators.find(({ mspId }) => founders.includes(mspId));
  if (witness === undefined) throw new NetworkDescriptionError(`no organisation of ${name} has a peer`);
  const config = await currentConfig(witness.connection, name);
  const update = configUpdateOf(name, config, await grown(config, channel, onStep));
  if (update === undefined) return;
  const members = administrators.filter(({ mspId }) => membersIn(config).includes(mspId));
  const signing = new Map(members.map(({ mspId, identity }) => [mspId, identity]));
  const [first, ...others] = signing.values();
  if (first === undefined) return;
  const transaction = await signedConfigUpdate(update, [first, ...others]);
  const refusal = await until(`A leader of ${name}`, patience, () => handOver(orderer, transaction));
  if (refusal !== undefined) throw refusal;
  await Promise.all(
    members.map(({ connection }) =>
      until(`Update of ${name} at ${connection.address}`, patience, async () => {
        const sequence = (await currentConfig(connection, name)).getSequence();
        if (sequence <= config.getSequence()) throw new Error('the peer has not got it yet');
      }),
    ),
  );
}
