import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { authoritiesOf } from './certificate-authorities.js';
import { type NetworkDescription } from './description.js';
import { NetworkDescriptionError } from './errors.js';
import { registrarName } from './fabric-ca/home.js';

/** Where a peer listens; the certificate of its TLS authority where it speaks TLS. */
export interface PeerEndpoint {
  readonly address: string;
  readonly tlsCaCertificate?: string;
  /** Name in that certificate, where the address is not one. */
  readonly serverNameOverride?: string;
}

async function onlyFile(folder: string, suffix = ''): Promise<string> {
  const [name, ...more] = (await readdir(folder)).filter((file) => file.endsWith(suffix));
  if (name === undefined || more.length > 0) {
    throw new NetworkDescriptionError(`${folder} must hold exactly one file *${suffix}`);
  }
  return readFile(path.join(folder, name), 'utf8');
}

/** How clients reach the authorities that are served, by name. */
async function authoritiesIn(
  description: NetworkDescription,
  material: string,
  urls: Readonly<Record<string, string>>,
) {
  const served = authoritiesOf(description).flatMap((plan) => {
    const url = urls[plan.mspId];
    if (url === undefined) return [];
    const kind = plan.mspId === description.orderer.mspId ? 'ordererOrganizations' : 'peerOrganizations';
    const folder = path.join(material, kind, plan.domain);
    const one = (name: string, secret: string) => ({ mspId: plan.mspId, name, url, folder, secret });
    return [
      one(plan.name, path.join('ca', 'registrar.secret')),
      ...(plan.tlsName === undefined ? [] : [one(plan.tlsName, path.join('tlsca', 'registrar.secret'))]),
    ];
  });
  return Object.fromEntries(
    await Promise.all(
      served.map(async ({ mspId, name, url, folder, secret }) => {
        const tlsCaCertificate = await readFile(path.join(folder, 'ca', 'tls', 'ca.crt'), 'utf8');
        const registrar = { name: registrarName, secret: await readFile(path.join(folder, secret), 'utf8') };
        return [name, { mspId, url, tlsCaCertificate, registrar }] as const;
      }),
    ),
  );
}

/**
 * How clients reach a network, every PEM included.
 *
 * @param material - folder that {@link generateMaterial} made.
 * @param peers - endpoints of each organisation's peers, by MSP id.
 * @param authorityUrls - addresses of the authorities that are served, by MSP id.
 */
export async function connectionProfileOf(
  description: NetworkDescription,
  material: string,
  peers: Readonly<Record<string, readonly PeerEndpoint[]>>,
  authorityUrls: Readonly<Record<string, string>> = {},
) {
  const organizations = await Promise.all(
    description.organizations.map(async ({ mspId, domain, enrols }) => {
      const folder = path.join(material, 'peerOrganizations', domain);
      const user = path.join(folder, 'users', `User1@${domain}`, 'msp');
      const tls = path.join(folder, 'users', `User1@${domain}`, 'tls');
      const endpoints = peers[mspId];
      if (!endpoints?.length) throw new NetworkDescriptionError(`no peer of ${mspId} was started`);
      return [
        mspId,
        {
          peers: endpoints,
          client: {
            certificate: await onlyFile(path.join(user, 'signcerts')),
            privateKey: await onlyFile(path.join(user, 'keystore')),
            ...(description.tls === 'mutual' && {
              tls: {
                certificate: await readFile(path.join(tls, 'client.crt'), 'utf8'),
                privateKey: await readFile(path.join(tls, 'client.key'), 'utf8'),
              },
            }),
          },
          ...(enrols && { enrols }),
          ca: {
            certificate: await onlyFile(path.join(folder, 'ca'), '-cert.pem'),
            privateKey: await onlyFile(path.join(folder, 'ca'), '_sk'),
          },
        },
      ] as const;
    }),
  );
  const channels = description.channels.map(({ name, organizations: members, insurer, suites }) => [
    name,
    {
      organizations: members,
      suites: Object.fromEntries(suites.map(({ suite, chaincode }) => [suite, chaincode])),
      ...(insurer !== undefined && { insurer }),
    },
  ]);
  const certificateAuthorities = await authoritiesIn(description, material, authorityUrls);
  return {
    organizations: Object.fromEntries(organizations),
    channels: Object.fromEntries(channels) as Record<
      string,
      { organizations: string[]; suites: Record<string, string>; insurer?: string }
    >,
    ...(Object.keys(certificateAuthorities).length > 0 && { certificateAuthorities }),
  };
}
