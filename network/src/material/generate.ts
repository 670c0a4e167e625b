import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import {
  certificatePem,
  type Credential,
  issueIdentity,
  issueTls,
  makeAuthority,
  type NodeRole,
  privateKeyPem,
} from './certificates.js';

const nodeOUs = (() => {
  const identifier = (role: NodeRole) =>
    [
      `  ${role[0]?.toUpperCase() ?? ''}${role.slice(1)}OUIdentifier:`,
      `    Certificate: cacerts/ca.pem`,
      `    OrganizationalUnitIdentifier: ${role}`,
    ].join('\n');
  const roles: NodeRole[] = ['client', 'peer', 'admin', 'orderer'];
  return `NodeOUs:\n  Enable: true\n${roles.map(identifier).join('\n')}\n`;
})();

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    const secret = name.endsWith('_sk') || name.endsWith('.key');
    await writeFile(file, content, { mode: secret ? 0o600 : 0o644 });
  }
}

interface Organization {
  readonly domain: string;
  readonly ca: Credential;
  readonly tlsCa: Credential;
  readonly folder: string;
}

const mspFiles = ({ ca, tlsCa }: Organization) => ({
  'msp/config.yaml': nodeOUs,
  'msp/cacerts/ca.pem': certificatePem(ca),
  'msp/tlscacerts/tlsca.pem': certificatePem(tlsCa),
});

/** A node's or a user's folder: local MSP and TLS. */
async function writeMember(
  organization: Organization,
  kind: 'peers' | 'orderers' | 'users',
  name: string,
  role: NodeRole,
): Promise<void> {
  const identity = await issueIdentity(organization.ca, name, role);
  const tls = await issueTls(organization.tlsCa, name);
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

async function writeOrganization(
  folder: string,
  domain: string,
  nodes: { readonly kind: 'peers' | 'orderers'; readonly names: readonly string[]; readonly role: NodeRole },
): Promise<void> {
  const [ca, tlsCa] = await Promise.all([
    makeAuthority(`ca.${domain}`, domain),
    makeAuthority(`tlsca.${domain}`, domain),
  ]);
  const organization = { domain, ca, tlsCa, folder };
  await writeFiles(folder, {
    ...mspFiles(organization),
    [`ca/ca.${domain}-cert.pem`]: certificatePem(ca),
    'ca/priv_sk': privateKeyPem(ca),
    [`tlsca/tlsca.${domain}-cert.pem`]: certificatePem(tlsCa),
    'tlsca/priv_sk': privateKeyPem(tlsCa),
  });
  await Promise.all([
    ...nodes.names.map((name) => writeMember(organization, nodes.kind, `${name}.${domain}`, nodes.role)),
    writeMember(organization, 'users', `Admin@${domain}`, 'admin'),
    writeMember(organization, 'users', `User1@${domain}`, 'client'),
  ]);
}

/**
 * Makes the keys and certificates of a network in the layout of `cryptogen`
 * (`peerOrganizations/DOMAIN/{ca,tlsca,msp,peers,users}`, `ordererOrganizations/…`) below `folder`.
 * Leaves a folder that already has them alone; one that appears is complete.
 */
export async function generateMaterial(description: NetworkDescription, folder: string): Promise<void> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (exists) return;
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const { orderer, organizations } = description;
  await writeOrganization(path.join(unfinished, 'ordererOrganizations', orderer.domain), orderer.domain, {
    kind: 'orderers',
    names: orderer.nodes,
    role: 'orderer',
  });
  for (const { domain, peers } of organizations) {
    await writeOrganization(path.join(unfinished, 'peerOrganizations', domain), domain, {
      kind: 'peers',
      names: peers,
      role: 'peer',
    });
  }
  await rename(unfinished, folder);
}
