import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { authoritiesOf, type AuthorityPlan } from '../certificate-authorities.js';
import { readNetworkDescription } from '../description.js';
import { generateMaterial } from '../material/generate.js';
import { type ClusterFiles, writeCluster } from './cluster.js';

describe('a cluster of CA servers', () => {
  let folder: string;
  let files: ClusterFiles;
  let authority: AuthorityPlan;
  const read = (...parts: readonly string[]) => readFile(path.join(...parts), 'utf8');

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ca-cluster-'));
    const description = await readNetworkDescription();
    const material = path.join(folder, 'organizations');
    await generateMaterial(description, material);
    const [first] = authoritiesOf({
      ...description,
      certificateAuthorities: { tls: true, affiliations: ['ward.night', 'ward.day.early', 'office'] },
    });
    if (!first) throw new Error('no authority');
    authority = first;
    files = await writeCluster(path.join(folder, 'cluster'), {
      authority,
      organization: path.join(material, 'peerOrganizations', authority.domain),
      servers: [1, 2].map((index) => ({
        name: `ca${index}`,
        host: `ca${index}.internal`,
        port: 7054,
        operationsPort: 9443,
      })),
      database: {
        host: 'postgres',
        port: 5432,
        password: "it's\\secret",
        tlsCaCertificate: 'postgres-ca.pem',
      },
      bind: '*:7054',
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has one key, and a TLS certificate for each server by its own name and the name of all', async () => {
    const [first = '', second = ''] = Object.values(files.homes);
    expect(await read(first, 'ca.key')).toBe(await read(second, 'ca.key'));
    const tls = new X509Certificate(await read(second, 'tls/server.crt'));
    expect(tls.checkHost('ca2.internal')).toBe('ca2.internal');
    expect(tls.checkHost(authority.name)).toBe(authority.name);
    expect(tls.checkHost('ca1.internal')).toBeUndefined();
  });

  it('shares one database an authority, whose password no sign in it can break out of', async () => {
    const configurations = await Promise.all(
      Object.values(files.homes).map(
        async (home) => parse(await read(home, 'fabric-ca-server-config.yaml')) as Record<string, unknown>,
      ),
    );
    for (const { db } of configurations) {
      expect(db).toEqual({
        type: 'postgres',
        datasource:
          "host=postgres port=5432 user=ca_hospital_a_example password='it\\'s\\\\secret' dbname=ca_hospital_a_example sslmode=verify-full",
        tls: { enabled: true, certfiles: ['postgres-ca.pem'] },
      });
    }
    expect(await read(files.sql)).toBe(
      [
        `CREATE ROLE "ca_hospital_a_example" LOGIN PASSWORD 'it''s\\secret';`,
        'CREATE DATABASE "ca_hospital_a_example" OWNER "ca_hospital_a_example";',
        'CREATE DATABASE "tlsca_hospital_a_example" OWNER "ca_hospital_a_example";',
        '',
      ].join('\n'),
    );
  });

  it('begins with the affiliations of the description', async () => {
    const home = files.homes['ca1'] ?? '';
    const { affiliations } = parse(await read(home, 'fabric-ca-server-config.yaml')) as Record<
      string,
      unknown
    >;
    expect(affiliations).toEqual({ ward: ['night', { day: ['early'] }], office: [] });
  });

  it('keeps to its owner what has a key or a password', async () => {
    const home = files.homes['ca1'] ?? '';
    for (const file of ['ca.key', 'tls/server.key', 'fabric-ca-server-config.yaml', 'tlsca/ca.key']) {
      expect((await stat(path.join(home, file))).mode & 0o077).toBe(0);
    }
    expect((await stat(files.sql)).mode & 0o077).toBe(0);
  });

  it('lets the proxy check each server where it tells its health', async () => {
    expect(await read(files.haproxy)).toContain('server ca2 ca2.internal:7054 check port 9443');
  });
});
