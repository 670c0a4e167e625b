import { common, discovery, msp } from '@hyperledger/fabric-protos';
import { type Channel } from '../channel.js';
import { openEnvelope } from '../validation/transaction-content.js';

/** A node of the ordering service. */
export interface OrdererAddress {
  readonly mspId: string;
  /** `host:port`. */
  readonly address: string;
}

/** How to trust the organisations of a channel, and where to order. */
export async function channelResult(
  channel: Channel,
  orderers: readonly OrdererAddress[],
): Promise<discovery.ConfigResult> {
  const result = new discovery.ConfigResult();
  const groups = (await configurationOf(channel)).getChannelGroup()?.getGroupsMap();
  for (const part of ['Application', 'Orderer'])
    groups
      ?.get(part)
      ?.getGroupsMap()
      .forEach((organization, mspId) => result.getMspsMap().set(mspId, mspOf(organization)));
  for (const { mspId, address } of orderers) {
    const separator = address.lastIndexOf(':');
    const endpoint = new discovery.Endpoint();
    endpoint.setHost(address.slice(0, separator));
    endpoint.setPort(Number(address.slice(separator + 1)));
    const known = result.getOrderersMap().get(mspId) ?? new discovery.Endpoints();
    known.addEndpoint(endpoint);
    result.getOrderersMap().set(mspId, known);
  }
  return result;
}

function mspOf(organization: common.ConfigGroup): msp.FabricMSPConfig {
  const value = organization.getValuesMap().get('MSP')?.getValue_asU8() ?? new Uint8Array();
  const config = msp.MSPConfig.deserializeBinary(value);
  return msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8());
}

async function configurationOf({ store }: Channel): Promise<common.Config> {
  const [envelope = Buffer.alloc(0)] = (await store.block(0)).envelopes;
  const { data } = openEnvelope(envelope);
  return common.ConfigEnvelope.deserializeBinary(data).getConfig() ?? new common.Config();
}
