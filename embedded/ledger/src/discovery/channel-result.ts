import { discovery, msp } from '@hyperledger/fabric-protos';
import { type Channel } from '../channel.js';
import { valueOf } from '../config/channel-config.js';
import { type ConfigGroup } from '../wire/config.js';
import { MspConfig } from '../wire/config-values.js';

/** A node of the ordering service. */
export interface OrdererAddress {
  readonly mspId: string;
  /** `host:port`. */
  readonly address: string;
}

/** How to trust the organisations of a channel, and where to order. */
export function channelResult(
  { config: { config } }: Channel,
  orderers: readonly OrdererAddress[],
): discovery.ConfigResult {
  const result = new discovery.ConfigResult();
  for (const part of ['Application', 'Orderer'])
    for (const group of config.channelGroup?.groups.get(part)?.groups.values() ?? []) {
      const description = mspOf(group);
      result.getMspsMap().set(description.getName(), description);
    }
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

function mspOf(organization: ConfigGroup): msp.FabricMSPConfig {
  const { config } = valueOf(organization, 'MSP', MspConfig);
  return msp.FabricMSPConfig.deserializeBinary(config);
}
