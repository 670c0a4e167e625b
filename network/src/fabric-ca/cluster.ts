import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AuthorityPlan } from '../certificate-authorities.js';
import { writeFiles } from '../material/write-files.js';
import { haproxyConfig, type ProxiedServer } from './haproxy.js';
import { writeServerHome } from './home.js';
import { type PostgresDatabase } from './server-config.js';

/** One server of a cluster: as the proxy reaches it, and what it listens on itself. */
export interface ClusterServer extends ProxiedServer {
  /** What it listens on; every address of its host (`0.0.0.0`) unless told. */
  readonly listen?: string;
}

/** The PostgreSQL server that a cluster's members share. */
export interface ClusterDatabase extends Pick<PostgresDatabase, 'host' | 'port' | 'tlsCaCertificate'> {
  /** Of the role that {@link ClusterFiles.sql} makes; if absent, one that is made once and kept in `database.secret`. */
  readonly password?: string;
}

export interface ClusterOptions {
  readonly authority: AuthorityPlan;
  /** The organisation's folder in the network's material. */
  readonly organization: string;
  readonly servers: readonly ClusterServer[];
  readonly database: ClusterDatabase;
  /** Where the proxy listens, as HAProxy writes it: `*:7054`. */
  readonly bind: string;
  /** Names and addresses by which clients reach the proxy, besides the authority's name and the loopback. */
  readonly hosts?: readonly string[];
}

/** What was written, by its place below the cluster's folder. */
export interface ClusterFiles {
  /** Home of each server, by its name: start it with `fabric-ca-server start --home HOME`. */
  readonly homes: Readonly<Record<string, string>>;
  readonly haproxy: string;
  /** Makes the role and the databases; run once, as an administrator of the PostgreSQL server. */
  readonly sql: string;
}

/** PostgreSQL names of an authority: its own with underscores, since Fabric CA refuses hyphens. */
export const databaseName = (authorityName: string): string => authorityName.replace(/[^a-z0-9]/g, '_');

async function keptPassword(folder: string): Promise<string> {
  const name = 'database.secret';
  try {
    return await readFile(path.join(folder, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const password = randomBytes(24).toString('base64url');
    await writeFiles(folder, { [name]: password });
    return password;
  }
}

function databaseSql(role: string, password: string, databases: readonly string[]): string {
  const literal = `'${password.replaceAll("'", "''")}'`;
  return [
    `CREATE ROLE "${role}" LOGIN PASSWORD ${literal};`,
    ...databases.map((name) => `CREATE DATABASE "${name}" OWNER "${role}";`),
    '',
  ].join('\n');
}

/**
 * Writes what an organisation's cluster of Fabric CA servers needs below `folder`: a home for each server, `haproxy.cfg`, and
 * `databases.sql`. The servers have the same key and database, so that any of them answers for all; what one has issued, another
 * lists and revokes. Written anew, everything stays as it was but for addresses and the servers' TLS certificates.
 *
 * The first time, start one server alone until it is healthy: it makes the tables, and servers that do so at once fail.
 */
export async function writeCluster(folder: string, options: ClusterOptions): Promise<ClusterFiles> {
  const { authority, servers, bind, hosts = [] } = options;
  const { password = await keptPassword(folder), ...server } = options.database;
  const role = databaseName(authority.name);
  const homes = Object.fromEntries(servers.map(({ name }) => [name, path.join(folder, 'servers', name)]));
  for (const { name, host, port, operationsPort, listen = '0.0.0.0' } of servers) {
    await writeServerHome(homes[name] ?? '', {
      authority,
      organization: options.organization,
      addresses: { address: listen, port, operations: `${listen}:${operationsPort}` },
      hosts: [...hosts, host],
      database: (authorityName) => ({
        type: 'postgres',
        ...server,
        user: role,
        password,
        name: databaseName(authorityName),
      }),
    });
  }
  const databases = [authority.name, authority.tlsName].flatMap((name) =>
    name === undefined ? [] : [databaseName(name)],
  );
  await writeFiles(folder, {
    'haproxy.cfg': haproxyConfig([{ name: authority.name, bind, servers }]),
    'databases.sql': databaseSql(role, password, databases),
  });
  return {
    homes,
    haproxy: path.join(folder, 'haproxy.cfg'),
    sql: path.join(folder, 'databases.sql'),
  };
}
