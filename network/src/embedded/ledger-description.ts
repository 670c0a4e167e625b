import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import { genesisFile, organizationFolder } from './layout.js';

/** Addresses to serve on, `host:port`; a free port of the loopback for those that are not named. */
export interface EmbeddedAddresses {
  /** By host name, such as `peer0.hospital-a.example`. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Where the orderers are administered. */
  readonly admin?: string;
}

/**
 * A network as the embedded ledger reads it. Paths are relative to the network's folder. Blocks there are cut as soon as
 * the one before is on disk, so the batch timeout is zero.
 */
export function ledgerDescription(
  { organizations, orderer, channels, tls = false }: NetworkDescription,
  addresses: EmbeddedAddresses = {},
): object {
  const nodes = (kind: 'peer' | 'orderer', domain: string, names: readonly string[]) =>
    Object.fromEntries(
      names.map((short) => {
        const name = `${short}.${domain}`;
        const folder = path.join(organizationFolder(kind, domain), `${kind}s`, name);
        const address = addresses.nodes?.[name];
        return [
          name,
          {
            msp: path.join(folder, 'msp'),
            ...(address !== undefined && { address }),
            ...(tls !== false && { tls: tlsOf(path.join(folder, 'tls'), tls === 'mutual') }),
          },
        ] as const;
      }),
    );
  return {
    organizations: Object.fromEntries(
      organizations.map(({ mspId, domain, peers }) => [
        mspId,
        { msp: path.join(organizationFolder('peer', domain), 'msp'), peers: nodes('peer', domain, peers) },
      ]),
    ),
    orderer: {
      mspId: orderer.mspId,
      msp: path.join(organizationFolder('orderer', orderer.domain), 'msp'),
      nodes: nodes('orderer', orderer.domain, orderer.nodes),
      admin: adminOf(orderer, addresses.admin),
      mostBatchTimeoutMs: 0,
    },
    channels: Object.fromEntries(
      channels.map(({ name, organizations: members }) => [
        name,
        {
          organizations: members,
          genesis: genesisFile(name),
        },
      ]),
    ),
  };
}

const tlsOf = (folder: string, clientAuthRequired: boolean) => ({
  certificate: path.join(folder, 'server.crt'),
  key: path.join(folder, 'server.key'),
  rootCertificates: [path.join(folder, 'ca.crt')],
  clientAuthRequired,
});

/** Administration is over mutual TLS whatever the nodes themselves speak: whoever reaches it could stop a channel. */
function adminOf({ domain, nodes }: NetworkDescription['orderer'], address: string | undefined): object {
  const name = `${nodes[0] ?? 'orderer0'}.${domain}`;
  const folder = path.join(organizationFolder('orderer', domain), 'orderers', name);
  return { ...(address !== undefined && { address }), tls: tlsOf(path.join(folder, 'tls'), true) };
}
