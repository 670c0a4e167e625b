import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AuthorityPlan } from '../certificate-authorities.js';
import { issueTls, certificatePem, privateKeyPem, readCredential } from '../material/certificates.js';
import { writeFiles } from '../material/write-files.js';
import {
  type CaDatabase,
  furtherConfig,
  type ServedAuthority,
  serverConfig,
  serverFiles,
  type ServerAddresses,
} from './server-config.js';

/** Name of the identity that may register others, in every authority. */
export const registrarName = 'admin';

/** Folder of the TLS authority in a server's home. */
const tlsFolder = 'tlsca';

/** What the home of one Fabric CA server is made from. */
export interface ServerHomeOptions {
  readonly authority: AuthorityPlan;
  /** The organisation's folder in the network's material: it has `ca` and `tlsca`. */
  readonly organization: string;
  readonly addresses: ServerAddresses;
  /** Names and addresses by which clients reach the server, besides the authority's name and the loopback. */
  readonly hosts?: readonly string[];
  /** Database of an authority, by its name. */
  readonly database: (authorityName: string) => CaDatabase;
}

const read = (...parts: readonly string[]) => readFile(path.join(...parts), 'utf8');

/** What an authority signs with, and what clients trust. */
async function keyFiles(folder: string, name: string): Promise<Record<string, string>> {
  const certificate = await read(folder, `${name}-cert.pem`);
  const chain = await read(folder, 'ca-chain.pem').catch(() => certificate);
  return {
    [serverFiles.certificate]: certificate,
    [serverFiles.chain]: chain,
    [serverFiles.key]: await read(folder, 'priv_sk'),
  };
}

async function tlsFiles({
  authority,
  organization,
  hosts = [],
}: ServerHomeOptions): Promise<Record<string, string>> {
  const tlsCa = path.join(organization, 'tlsca');
  const issuer = await readCredential(
    await read(tlsCa, `tlsca.${authority.domain}-cert.pem`),
    await read(tlsCa, 'priv_sk'),
  );
  const tls = await issueTls(issuer, authority.name, hosts);
  return {
    [serverFiles.tlsCertificate]: certificatePem(tls),
    [serverFiles.tlsKey]: privateKeyPem(tls),
  };
}

/**
 * Writes the home folder of one Fabric CA server: its configuration, the authority's key and chain, a TLS certificate of its own.
 * The folder can be moved: paths in it are relative. It holds the authority's key; nobody else may read it.
 */
export async function writeServerHome(home: string, options: ServerHomeOptions): Promise<void> {
  const { authority, organization, addresses, database } = options;
  const served = async (folder: string, name: string): Promise<ServedAuthority> => ({
    name,
    database: database(name),
    registrar: { name: registrarName, secret: await read(organization, folder, 'registrar.secret') },
    affiliations: authority.affiliations,
  });
  const { tlsName } = authority;
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFiles(home, {
    ...(await keyFiles(path.join(organization, 'ca'), authority.name)),
    ...(await tlsFiles(options)),
    [serverFiles.config]: serverConfig(
      addresses,
      await served('ca', authority.name),
      tlsName === undefined ? [] : [tlsFolder],
    ),
  });
  if (tlsName === undefined) return;
  await writeFiles(path.join(home, tlsFolder), {
    ...(await keyFiles(path.join(organization, 'tlsca'), tlsName)),
    [serverFiles.config]: furtherConfig(await served('tlsca', tlsName)),
  });
}
