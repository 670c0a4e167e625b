import path from 'node:path';
import { authoritiesOf, type AuthorityPlan } from '../certificate-authorities.js';
import { type NetworkDescription } from '../description.js';
import { type ClusterOptions, writeCluster } from '../fabric-ca/index.js';
import { operationsPortName, type Places, type Ports } from '../topology/places.js';
import { bashHealth } from './fabric-health.js';
import * as layout from './layout.js';
import { type Service } from './service.js';

/** The PostgreSQL server that the clusters of all authorities share. */
export const databaseServer = 'postgres';

const clusterFolder = ({ domain }: AuthorityPlan): string => path.join('ca', domain);

/** Names of an authority's servers; behind them is the authority's own name, which is the proxy's. */
const serverNames = ({ domain, servers }: AuthorityPlan): string[] =>
  Array.from({ length: servers }, (_, index) => `ca${index}.${domain}`);

/** The ports of everything that serves certificate authorities, each on a host of its own. */
export function authorityPorts(
  description: NetworkDescription,
  {
    ca,
    database,
    operations,
  }: { readonly ca: number; readonly database: number; readonly operations: number },
): Ports {
  const authorities = authoritiesOf(description);
  if (authorities.length === 0) return {};
  return {
    [databaseServer]: database,
    ...Object.fromEntries(
      authorities.flatMap((authority) => [
        [authority.name, ca] as const,
        ...serverNames(authority).flatMap((name) => [
          [name, ca] as const,
          [operationsPortName(name), operations] as const,
        ]),
      ]),
    ),
  };
}

const databaseData = path.join(databaseServer, 'data');

function databaseService(authorities: readonly AuthorityPlan[], places: Places): Service {
  const inside = (file: string) => path.join(places.folder, file);
  const port = places.portOf(databaseServer);
  const [certificate, key] = ['tls.crt', 'tls.key'].map((file) =>
    layout.serviceTls(databaseServer, file),
  ) as [string, string];
  return {
    name: databaseServer,
    image: 'postgres',
    command: [
      'postgres',
      ...['-c', `port=${port}`, '-c', 'ssl=on'],
      ...['-c', `ssl_cert_file=${inside(certificate)}`, '-c', `ssl_key_file=${inside(key)}`],
    ],
    environment: {
      PGDATA: inside(databaseData),
      POSTGRES_PASSWORD_FILE: inside(layout.secrets.postgresPassword),
      POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --auth-local=scram-sha-256',
    },
    files: [certificate],
    secrets: [key, layout.secrets.postgresPassword],
    // Run once, when the database is made: a role and its databases for each authority.
    secretsAt: Object.fromEntries(
      authorities.map((authority) => [
        path.join(clusterFolder(authority), 'databases.sql'),
        `/docker-entrypoint-initdb.d/${authority.domain}.sql`,
      ]),
    ),
    identities: [],
    data: [databaseData],
    scratch: ['/var/run/postgresql'],
    ports: { postgres: port },
    health: ['pg_isready', '--quiet', '--host', '127.0.0.1', '--port', String(port)],
    startAfter: {},
    once: false,
    published: false,
    limits: { processors: 1, memory: 1024 },
  };
}

function clusterServices(authority: AuthorityPlan, places: Places): Service[] {
  const names = serverNames(authority);
  const [first] = names;
  const folder = clusterFolder(authority);
  const servers = names.map((name): Service => {
    const operations = places.portOf(operationsPortName(name));
    const home = path.join(folder, 'servers', name);
    return {
      name,
      image: 'ca',
      command: ['fabric-ca-server', 'start', '--home', path.join(places.folder, home)],
      environment: {},
      files: [layout.serviceAuthority],
      secrets: [],
      identities: [],
      // Beside its configuration and the authority's key it keeps there what it makes at its first start.
      data: [home],
      ports: { ca: places.portOf(name), operations },
      health: bashHealth(operations, '/healthz'),
      // The first makes the tables; servers that do so at once fail.
      startAfter: { [name === first ? databaseServer : (first ?? '')]: 'healthy' },
      once: false,
      published: false,
      limits: { processors: 0.5, memory: 256 },
    };
  });
  const port = places.portOf(authority.name);
  const configuration = path.join(folder, 'haproxy.cfg');
  return [
    ...servers,
    {
      name: authority.name,
      image: 'haproxy',
      command: ['haproxy', '-W', '-db', '-f', path.join(places.folder, configuration)],
      environment: {},
      files: [configuration],
      secrets: [],
      identities: [],
      data: [],
      ports: { ca: port },
      health: ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`],
      startAfter: Object.fromEntries(names.map((name) => [name, 'healthy'])),
      once: false,
      published: false,
      limits: { processors: 0.5, memory: 128 },
    },
  ];
}

/** A cluster of CA servers behind a proxy for each organisation, on one database; none if the description has no CA section. */
export function authorityServices(description: NetworkDescription, places: Places): Service[] {
  const authorities = authoritiesOf(description);
  if (authorities.length === 0) return [];
  return [
    databaseService(authorities, places),
    ...authorities.flatMap((authority) => clusterServices(authority, places)),
  ];
}

/** Writes the homes of the CA servers, their proxies' configuration and what makes their databases. */
export async function writeAuthorities(
  description: NetworkDescription,
  folder: string,
  places: Places,
): Promise<void> {
  for (const authority of authoritiesOf(description)) {
    const kind = authority.mspId === description.orderer.mspId ? 'ordererOrganizations' : 'peerOrganizations';
    const options: ClusterOptions = {
      authority,
      organization: path.join(folder, layout.materialFolder, kind, authority.domain),
      servers: serverNames(authority).map((name) => ({
        name,
        host: places.hostOf(name),
        port: places.portOf(name),
        operationsPort: places.portOf(operationsPortName(name)),
        listen: places.listenHost,
      })),
      database: {
        host: places.hostOf(databaseServer),
        port: places.portOf(databaseServer),
        tlsCaCertificate: path.join(places.folder, layout.serviceAuthority),
      },
      bind: `${places.listenHost}:${places.portOf(authority.name)}`,
      hosts: [places.hostOf(authority.name)],
    };
    await writeCluster(path.join(folder, clusterFolder(authority)), options);
  }
}
