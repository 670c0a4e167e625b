import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AdminIdentity, PeerConnection } from '@medigraph/network/admin';
import { loadConnectionProfile } from '@medigraph/platform/ledger';
import { CommandError } from '../errors.js';

/** Who administers, and where. */
export interface AdministratorOptions {
  /** Connection profile of the network. */
  readonly profile: string;
  /** MSP id. */
  readonly organization: string;
  /** MSP folder of an administrator: `signcerts`, `keystore`. */
  readonly admin: string;
  /** `host:port` of one of the organisation's peers; the first unless named. */
  readonly peer?: string;
}

async function onlyFile(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new CommandError('ADMIN_UNREADABLE', `One file is expected in ${folder}, found ${names.length}`);
  return readFile(path.join(folder, name), 'utf8');
}

/** The TLS certificate that lies beside an MSP folder in the layout that `cryptogen` made usual. */
async function tlsBeside(msp: string): Promise<AdminIdentity['tls']> {
  const file = (name: string) => readFile(path.join(msp, '..', 'tls', name), 'utf8');
  try {
    return { certificate: await file('client.crt'), privateKey: await file('client.key') };
  } catch {
    return undefined;
  }
}

/** The identity in the MSP folder of an administrator. @throws {@link CommandError} `ADMIN_UNREADABLE`. */
export async function administratorIn(folder: string, mspId: string): Promise<AdminIdentity> {
  const tls = await tlsBeside(folder);
  return {
    mspId,
    certificate: await onlyFile(path.join(folder, 'signcerts')),
    privateKey: await onlyFile(path.join(folder, 'keystore')),
    ...(tls !== undefined && { tls }),
  };
}

/** Does something as an administrator, connected to a peer of the organisation. @throws {@link CommandError}. */
export async function asAdministrator<T>(
  { profile, organization, admin, peer }: AdministratorOptions,
  act: (connection: PeerConnection) => Promise<T>,
): Promise<T> {
  const { organizations } = await loadConnectionProfile(profile);
  const found = organizations[organization];
  if (found === undefined)
    throw new CommandError(
      'ORGANIZATION_UNKNOWN',
      `${profile} has no organisation ${organization}; it has ${Object.keys(organizations).join(', ')}`,
    );
  const endpoint = found.peers.find(({ address }) => peer === undefined || address === peer);
  if (endpoint === undefined)
    throw new CommandError(
      'PEER_UNKNOWN',
      `${organization} has no peer at ${peer ?? ''}; it has ${found.peers.map(({ address }) => address).join(', ')}`,
    );
  const connection = PeerConnection.open(
    {
      address: endpoint.address,
      ...(endpoint.tlsCaCertificate !== undefined && { tlsCaCertificate: endpoint.tlsCaCertificate }),
      ...(endpoint.serverNameOverride !== undefined && { serverNameOverride: endpoint.serverNameOverride }),
    },
    await administratorIn(admin, organization),
  );
  try {
    return await act(connection);
  } finally {
    connection.close();
  }
}
