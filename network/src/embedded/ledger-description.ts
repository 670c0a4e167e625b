import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import { genesisFile, organizationFolder } from './layout.js';

/** Addresses to serve on, `host:port`; a free port of the loopback for those that are not named. */
export interface EmbeddedAddresses {
  /** By MSP id. */
  readonly peers?: Readonly<Record<string, string>>;
  readonly orderer?: string;
}

/**
 * A network as the embedded ledger reads it: one peer an organisation. Paths are relative to the network's folder. Blocks
 * there are cut as soon as the one before is on disk, so the batch timeout is zero.
 */
export function ledgerDescription(
  { organizations, orderer, channels, batch }: NetworkDescription,
  addresses: EmbeddedAddresses = {},
): object {
  const node = (kind: 'peer' | 'orderer', domain: string, name: string | undefined, address?: string) => ({
    msp: path.join(organizationFolder(kind, domain), `${kind}s`, `${name ?? `${kind}0`}.${domain}`, 'msp'),
    ...(address !== undefined && { address }),
  });
  return {
    organizations: Object.fromEntries(
      organizations.map(({ mspId, domain, peers }) => [
        mspId,
        {
          msp: path.join(organizationFolder('peer', domain), 'msp'),
          peer: node('peer', domain, peers[0], addresses.peers?.[mspId]),
        },
      ]),
    ),
    orderer: {
      mspId: orderer.mspId,
      msp: path.join(organizationFolder('orderer', orderer.domain), 'msp'),
      node: node('orderer', orderer.domain, orderer.nodes[0], addresses.orderer),
    },
    channels: Object.fromEntries(
      channels.map(({ name, organizations: members }) => [
        name,
        {
          organizations: members,
          genesis: genesisFile(name),
          batch: {
            maxMessageCount: batch.maxTransactions,
            preferredMaxBytes: batch.preferredMaxBytes,
            absoluteMaxBytes: batch.absoluteMaxBytes,
            timeoutMs: 0,
          },
        },
      ]),
    ),
  };
}
