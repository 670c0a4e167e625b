import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectionProfileOf } from '../connection-profile.js';
import { networkDescription, readNetworkDescription } from '../description.js';
import { generateMaterial, generateOrganization } from './generate.js';

describe('the network', () => {
  let folder: string;
  let material: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-network-'));
    material = path.join(folder, 'organizations');
    await generateMaterial(await readNetworkDescription(), material);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const certificate = async (...parts: string[]) => {
    const where = path.join(material, 'peerOrganizations', 'hospital-a.example', ...parts);
    const [name] = await readdir(where);
    return new X509Certificate(await readFile(path.join(where, name ?? '')));
  };

  it('makes identities that chain to their organisation and say their role', async () => {
    const root = await certificate('msp', 'cacerts');
    const ca = await certificate('msp', 'intermediatecerts');
    expect(root.ca && ca.ca).toBe(true);
    expect(ca.checkIssued(root) && ca.verify(root.publicKey)).toBe(true);
    for (const [kind, name, role] of [
      ['peers', 'peer0.hospital-a.example', 'peer'],
      ['users', 'Admin@hospital-a.example', 'admin'],
      ['users', 'User1@hospital-a.example', 'client'],
    ] as const) {
      const leaf = await certificate(kind, name, 'msp', 'signcerts');
      expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
      expect(leaf.subject).toContain(`OU=${role}`);
    }
  });

  it('makes TLS certificates for the loopback address', async () => {
    const file = path.join(
      material,
      'peerOrganizations/regulator.example/peers/peer0.regulator.example/tls/server.crt',
    );
    const tls = new X509Certificate(await readFile(file));
    expect(tls.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(tls.checkHost('peer0.regulator.example')).toBe('peer0.regulator.example');
  });

  it('keeps private keys to their owner and existing material as it is', async () => {
    const key = path.join(material, 'peerOrganizations/patients.example/ca/priv_sk');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    const before = await readFile(key, 'utf8');
    await generateMaterial(await readNetworkDescription(), material);
    expect(await readFile(key, 'utf8')).toBe(before);
  });

  it('adds an organisation under the same root, and under one of its own where the key is gone', async () => {
    const description = await readNetworkDescription();
    const added = (name: string) => ({ mspId: `${name}MSP`, domain: `${name}.example`, peers: ['peer0'] });
    const rootOf = async (domain: string) =>
      new X509Certificate(
        await readFile(path.join(material, 'peerOrganizations', domain, 'msp', 'cacerts', 'ca.pem')),
      ).fingerprint256;
    await generateOrganization(description, added('early'), material);
    await rm(path.join(material, 'root', 'ca.key'));
    await generateOrganization(description, added('late'), material);
    expect(await rootOf('early.example')).toBe(await rootOf('hospital-a.example'));
    expect(await rootOf('late.example')).not.toBe(await rootOf('hospital-a.example'));
  });

  it('throws the key of the root away if it is told to', async () => {
    const description = await readNetworkDescription();
    const other = path.join(folder, 'discarded');
    await generateMaterial({ ...description, certificateAuthorities: { root: { key: 'discard' } } }, other);
    expect(await readdir(path.join(other, 'root'))).toEqual(['ca-cert.pem']);
  });

  it('writes a connection profile only when every organisation has a peer', async () => {
    const description = await readNetworkDescription();
    const peers = Object.fromEntries(
      description.organizations.map(({ mspId }) => [mspId, [{ address: '127.0.0.1:7051' }]]),
    );
    const profile = await connectionProfileOf(description, material, peers);
    expect(Object.keys(profile.channels)).toEqual(['care', 'claims-insurer-a', 'claims-insurer-b']);
    await expect(connectionProfileOf(description, material, {})).rejects.toMatchObject({
      code: 'NETWORK_DESCRIPTION_INVALID',
    });
  });

  it('refuses a description that does not hold together, naming the place', async () => {
    const description = await readNetworkDescription();
    const [first, ...rest] = description.channels;
    const wrong = networkDescription.safeParse({
      ...description,
      channels: [{ ...first, organizations: ['NobodyMSP'] }, ...rest],
    });
    expect(wrong.error?.issues[0]?.path).toEqual(['channels', 0, 'organizations']);
    await expect(readNetworkDescription('/nowhere.yaml')).rejects.toMatchObject({
      code: 'NETWORK_DESCRIPTION_INVALID',
    });
  });
});
