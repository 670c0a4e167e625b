import 'reflect-metadata';
import { X509Crl } from '@peculiar/x509';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigurationError, reasonOf } from '../errors.js';
import { type NodeRole } from './identity.js';

const ouIdentifier = z.object({
  Certificate: z.string().optional(),
  OrganizationalUnitIdentifier: z.string(),
});
const mspConfig = z.object({
  NodeOUs: z.object({
    Enable: z.literal(true),
    ClientOUIdentifier: ouIdentifier,
    PeerOUIdentifier: ouIdentifier,
    AdminOUIdentifier: ouIdentifier,
    OrdererOUIdentifier: ouIdentifier,
  }),
});

/** What an MSP folder in cryptogen's layout says of an organisation. */
export interface MspMaterial {
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  readonly revocationLists: readonly X509Crl[];
  /** Authorities of the organisation's TLS certificates, in PEM: roots, and intermediates. */
  readonly tlsAuthorities: { readonly roots: readonly Buffer[]; readonly intermediates: readonly Buffer[] };
  /** Organisational unit to role. */
  readonly roles: ReadonlyMap<string, NodeRole>;
}

async function filesOf(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name))));
}

/** @throws {@link ConfigurationError} naming the folder. */
export async function readMspFolder(folder: string): Promise<MspMaterial> {
  try {
    const [roots, intermediates, crls, tlsRoots, tlsIntermediates, config] = await Promise.all([
      filesOf(path.join(folder, 'cacerts')),
      filesOf(path.join(folder, 'intermediatecerts')),
      filesOf(path.join(folder, 'crls')),
      filesOf(path.join(folder, 'tlscacerts')),
      filesOf(path.join(folder, 'tlsintermediatecerts')),
      readFile(path.join(folder, 'config.yaml'), 'utf8'),
    ]);
    if (roots.length === 0) throw new ConfigurationError('cacerts holds no certificate');
    const { NodeOUs } = mspConfig.parse(parse(config));
    return {
      roots: roots.map((pem) => new X509Certificate(pem)),
      intermediates: intermediates.map((pem) => new X509Certificate(pem)),
      revocationLists: crls.map(readRevocationList),
      tlsAuthorities: { roots: tlsRoots, intermediates: tlsIntermediates },
      roles: new Map<string, NodeRole>([
        [NodeOUs.ClientOUIdentifier.OrganizationalUnitIdentifier, 'client'],
        [NodeOUs.PeerOUIdentifier.OrganizationalUnitIdentifier, 'peer'],
        [NodeOUs.AdminOUIdentifier.OrganizationalUnitIdentifier, 'admin'],
        [NodeOUs.OrdererOUIdentifier.OrganizationalUnitIdentifier, 'orderer'],
      ]),
    };
  } catch (error) {
    throw new ConfigurationError(`cannot read the MSP folder ${folder}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** RFC 5280 wants `nextUpdate`; without it the parser overlooks the entries, and a revocation must not be overlooked. */
function readRevocationList(content: Buffer): X509Crl {
  const list = new X509Crl(content.toString('utf8'));
  if (list.nextUpdate === undefined) throw new ConfigurationError('a revocation list has no nextUpdate');
  return list;
}
