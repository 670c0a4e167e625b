import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { authorityName, tlsAuthorityName } from '../certificate-authorities.js';
import { type NetworkDescription } from '../description.js';
import {
  certificatePem,
  type Credential,
  issueAuthority,
  issueIdentity,
  issueTls,
  makeRoot,
  type NodeRole,
  privateKeyPem,
} from './certificates.js';
import { nodeOusYaml } from './node-ous.js';
import { openRoot } from './root-authority.js';
import { writeFiles } from './write-files.js';
import { hostLabel } from '../topology/host-label.js';

interface Organization {
  readonly domain: string;
  readonly root: Credential;
  readonly ca: Credential;
  readonly tlsCa: Credential;
  readonly folder: string;
}

/** Where an MSP has the certificate of its organisation's authority. */
const authorityFile = ({ domain }: Organization) => `intermediatecerts/${authorityName(domain)}-cert.pem`;

const mspFiles = (organization: Organization) => ({
  'msp/config.yaml': nodeOusYaml(authorityFile(organization)),
  'msp/cacerts/ca.pem': certificatePem(organization.root),
  [`msp/${authorityFile(organization)}`]: certificatePem(organization.ca),
  'msp/tlscacerts/tlsca.pem': certificatePem(organization.tlsCa),
});

/** A node's or a user's folder: local MSP and TLS. */
async function writeMember(
  organization: Organization,
  kind: 'peers' | 'orderers' | 'users',
  name: string,
  role: NodeRole,
): Promise<void> {
  const identity = await issueIdentity(organization.ca, name, role);
  // Also by the name that it has where names of hosts have no dots, as in Kubernetes.
  const tls = await issueTls(organization.tlsCa, name, [hostLabel(name)]);
  const tlsName = kind === 'users' ? 'client' : 'server';
  await writeFiles(path.join(organization.folder, kind, name), {
    ...mspFiles(organization),
    [`msp/signcerts/${name}-cert.pem`]: certificatePem(identity),
    'msp/keystore/priv_sk': privateKeyPem(identity),
    'tls/ca.crt': certificatePem(organization.tlsCa),
    [`tls/${tlsName}.crt`]: certificatePem(tls),
    [`tls/${tlsName}.key`]: privateKeyPem(tls),
  });
}

/** What the servers of an organisation's authorities need. */
async function authorityFiles({ domain, root, ca, tlsCa }: Organization): Promise<Record<string, string>> {
  const name = authorityName(domain);
  const tls = await issueTls(tlsCa, name);
  return {
    [`ca/${name}-cert.pem`]: certificatePem(ca),
    // The authority before its root, as a Fabric CA server keeps its chain.
    'ca/ca-chain.pem': `${certificatePem(ca)}${certificatePem(root)}`,
    'ca/priv_sk': privateKeyPem(ca),
    'ca/registrar.secret': randomBytes(18).toString('base64url'),
    'ca/tls/ca.crt': certificatePem(tlsCa),
    'ca/tls/server.crt': certificatePem(tls),
    'ca/tls/server.key': privateKeyPem(tls),
    [`tlsca/${tlsAuthorityName(domain)}-cert.pem`]: certificatePem(tlsCa),
    'tlsca/priv_sk': privateKeyPem(tlsCa),
    'tlsca/registrar.secret': randomBytes(18).toString('base64url'),
  };
}

async function writeOrganization(
  folder: string,
  root: Credential,
  domain: string,
  nodes: { readonly kind: 'peers' | 'orderers'; readonly names: readonly string[]; readonly role: NodeRole },
): Promise<void> {
  const [ca, tlsCa] = await Promise.all([
    issueAuthority(root, authorityName(domain), domain),
    makeRoot(tlsAuthorityName(domain), domain),
  ]);
  const organization = { domain, root, ca, tlsCa, folder };
  await writeFiles(folder, { ...mspFiles(organization), ...(await authorityFiles(organization)) });
  await Promise.all([
    ...nodes.names.map((name) => writeMember(organization, nodes.kind, `${name}.${domain}`, nodes.role)),
    writeMember(organization, 'users', `Admin@${domain}`, 'admin'),
    writeMember(organization, 'users', `User1@${domain}`, 'client'),
  ]);
}

const exists = (folder: string) =>
  access(folder).then(
    () => true,
    () => false,
  );

/** Makes a folder complete or not at all; leaves one that is there alone. Answers whether it made it. */
async function makeOnce(folder: string, make: (unfinished: string) => Promise<void>): Promise<boolean> {
  if (await exists(folder)) return false;
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await make(unfinished);
  await rename(unfinished, folder);
  return true;
}

type PeerOrganization = NetworkDescription['organizations'][number];

const peerFolder = (material: string, domain: string) => path.join(material, 'peerOrganizations', domain);

const writePeerOrganization = (folder: string, root: Credential, { domain, peers }: PeerOrganization) =>
  writeOrganization(folder, root, domain, { kind: 'peers', names: peers, role: 'peer' });

/**
 * Makes the keys and certificates of a network below `folder`: a root, under it one authority an organisation, and what those
 * issue, in the layout of `cryptogen` (`peerOrganizations/DOMAIN/{ca,tlsca,msp,peers,users}`, `ordererOrganizations/…`).
 * The root's key, where the description keeps it, lies apart in `root/`. Leaves a folder that already has them alone; one that
 * appears is complete.
 */
export async function generateMaterial(description: NetworkDescription, folder: string): Promise<void> {
  const { orderer, organizations, certificateAuthorities } = description;
  await makeOnce(folder, async (unfinished) => {
    const root = await openRoot(unfinished, orderer.domain, certificateAuthorities?.root);
    await writeOrganization(
      path.join(unfinished, 'ordererOrganizations', orderer.domain),
      root,
      orderer.domain,
      { kind: 'orderers', names: orderer.nodes, role: 'orderer' },
    );
    for (const organization of organizations) {
      await writePeerOrganization(peerFolder(unfinished, organization.domain), root, organization);
    }
  });
}

/**
 * Adds what a further organisation needs to the material of a network: under the root if its key is still there, under a root of
 * its own if not. Leaves an organisation that has it already alone.
 * @returns whether it was made
 */
export async function generateOrganization(
  description: NetworkDescription,
  organization: PeerOrganization,
  folder: string,
): Promise<boolean> {
  return makeOnce(peerFolder(folder, organization.domain), async (unfinished) => {
    const root = await openRoot(folder, organization.domain, description.certificateAuthorities?.root);
    await writePeerOrganization(unfinished, root, organization);
  });
}
