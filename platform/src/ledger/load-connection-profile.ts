import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../config/index.js';
import { connectionProfile, type ConnectionProfile } from './connection-profile.js';

/**
 * Reads a connection profile. Certificates and keys may stand in it as PEM or as paths relative to it; what is answered
 * has PEM everywhere.
 * @throws `CONFIGURATION_INVALID` that names the file or the field.
 */
export async function loadConnectionProfile(file: string): Promise<ConnectionProfile> {
  const parsed = connectionProfile.safeParse(await readJson(file));
  if (!parsed.success) throw new ConfigurationError(file, z.prettifyError(parsed.error));
  const pem = (value: string) => readPem(path.dirname(file), value);
  const organizations = await Promise.all(
    Object.entries(parsed.data.organizations).map(async ([mspId, { peers, client, ca, enrols }]) => {
      const organization = {
        peers: await Promise.all(
          peers.map(async (peer) => ({
            ...peer,
            ...(peer.tlsCaCertificate !== undefined && {
              tlsCaCertificate: await pem(peer.tlsCaCertificate),
            }),
          })),
        ),
        client: {
          ...(await readPair(client, pem)),
          ...(client.tls && { tls: await readPair(client.tls, pem) }),
        },
        ...(enrols && { enrols }),
        ...(ca && { ca: await readPair(ca, pem) }),
      };
      return [mspId, organization] as const;
    }),
  );
  const { channels, certificateAuthorities } = parsed.data;
  return {
    organizations: Object.fromEntries(organizations),
    channels,
    ...(certificateAuthorities && {
      certificateAuthorities: await readAuthorities(certificateAuthorities, pem),
    }),
  };
}

type Authorities = NonNullable<ConnectionProfile['certificateAuthorities']>;

async function readAuthorities(
  authorities: Authorities,
  pem: (value: string) => Promise<string>,
): Promise<Authorities> {
  const read = Object.entries(authorities).map(async ([name, { tlsCaCertificate, ...authority }]) => [
    name,
    {
      ...authority,
      ...(tlsCaCertificate !== undefined && { tlsCaCertificate: await pem(tlsCaCertificate) }),
    },
  ]);
  return Object.fromEntries(await Promise.all(read)) as Authorities;
}

interface Pair {
  certificate: string;
  privateKey: string;
}

async function readPair(pair: Pair, pem: (value: string) => Promise<string>): Promise<Pair> {
  return { certificate: await pem(pair.certificate), privateKey: await pem(pair.privateKey) };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new ConfigurationError(file, 'is not a readable JSON file', { cause: error });
  }
}

async function readPem(folder: string, value: string): Promise<string> {
  if (value.includes('-----BEGIN ')) return value;
  const file = path.resolve(folder, value);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(file, 'is named by the connection profile and cannot be read', {
      cause: error,
    });
  }
}
