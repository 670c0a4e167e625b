import { stringify } from 'yaml';

/** Where a Fabric CA server keeps identities and certificates. One file serves one server; a cluster shares a PostgreSQL. */
export type CaDatabase =
  | { readonly type: 'sqlite3'; /** Relative to the server's home. */ readonly file: string }
  | ({ readonly type: 'postgres' } & PostgresDatabase);

/** A database of a PostgreSQL server. */
export interface PostgresDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Letters, digits and underscores: Fabric CA refuses hyphens. */
  readonly name: string;
  /** File of the authority of the server's certificate, as the CA server sees it; absent for a connection in plain text. */
  readonly tlsCaCertificate?: string;
}

/** What a Fabric CA server is told about one authority that it serves. */
export interface ServedAuthority {
  readonly name: string;
  readonly database: CaDatabase;
  /** The identity that may register others. */
  readonly registrar: { readonly name: string; readonly secret: string };
  readonly affiliations: readonly string[];
}

/** What a Fabric CA server is told about itself. */
export interface ServerAddresses {
  readonly address: string;
  readonly port: number;
  /** `host:port` of health checks and metrics; kept apart from what clients reach. */
  readonly operations: string;
}

/** Files in the home of a server, and below it of each further authority, relative to it. */
export const serverFiles = {
  config: 'fabric-ca-server-config.yaml',
  certificate: 'ca-cert.pem',
  chain: 'ca-chain.pem',
  key: 'ca.key',
  tlsCertificate: 'tls/server.crt',
  tlsKey: 'tls/server.key',
} as const;

// Quoted as libpq wants it, so that no password can name another host or database.
const quoted = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;

function databaseSection(database: CaDatabase) {
  if (database.type === 'sqlite3') return { type: 'sqlite3', datasource: database.file };
  const { host, port, user, password, name, tlsCaCertificate } = database;
  const datasource = [
    `host=${host}`,
    `port=${port}`,
    `user=${user}`,
    `password=${quoted(password)}`,
    // Unquoted: Fabric CA looks for it in this text.
    `dbname=${name}`,
    `sslmode=${tlsCaCertificate === undefined ? 'disable' : 'verify-full'}`,
  ].join(' ');
  return {
    type: 'postgres',
    datasource,
    tls: {
      enabled: tlsCaCertificate !== undefined,
      ...(tlsCaCertificate && { certfiles: [tlsCaCertificate] }),
    },
  };
}

/** One level of affiliations as the configuration has it: what has nothing below it is a name, anything else a name and a list. */
type Level = (string | Record<string, Level>)[];

function levelOf(affiliations: readonly (readonly string[])[]): Level {
  const names = [...new Set(affiliations.flatMap(([first]) => first ?? []))];
  return names.map((name) => {
    const below = affiliations.filter(([first, ...rest]) => first === name && rest.length > 0);
    return below.length === 0 ? name : { [name]: levelOf(below.map(([, ...rest]) => rest)) };
  });
}

/** Affiliations as the configuration nests them: `a.b` and `c` become `{ a: [b], c: [] }`. */
const nested = (affiliations: readonly string[]): Record<string, Level> =>
  Object.assign(
    {},
    ...levelOf(affiliations.map((each) => each.split('.'))).map((each) =>
      typeof each === 'string' ? { [each]: [] } : each,
    ),
  ) as Record<string, Level>;

const registrarAttributes = {
  'hf.Registrar.Roles': '*',
  'hf.Registrar.DelegateRoles': '*',
  'hf.Registrar.Attributes': '*',
  'hf.Revoker': 'true',
  'hf.GenCRL': 'true',
  'hf.AffiliationMgr': 'true',
};

function authoritySections({ name, database, registrar, affiliations }: ServedAuthority) {
  return {
    ca: {
      name,
      certfile: serverFiles.certificate,
      keyfile: serverFiles.key,
      chainfile: serverFiles.chain,
    },
    crl: { expiry: '24h' },
    cfg: {
      identities: { passwordattempts: 10, allowremove: true },
      affiliations: { allowremove: true },
    },
    registry: {
      maxenrollments: -1,
      identities: [
        {
          name: registrar.name,
          pass: registrar.secret,
          type: 'client',
          affiliation: '',
          maxenrollments: -1,
          attrs: registrarAttributes,
        },
      ],
    },
    db: databaseSection(database),
    affiliations: nested(affiliations),
    // No profile for authorities: the tree ends here.
    signing: {
      default: { usage: ['digital signature'], expiry: '8760h' },
      profiles: {
        tls: {
          usage: ['digital signature', 'key encipherment', 'server auth', 'client auth', 'key agreement'],
          expiry: '8760h',
        },
      },
    },
    bccsp: { default: 'SW', sw: { hash: 'SHA2', security: 256, filekeystore: { keystore: 'msp/keystore' } } },
  };
}

/**
 * The configuration of a Fabric CA server (`fabric-ca-server-config.yaml`). It contains secrets.
 *
 * @param more - folders of further authorities, relative to the server's home
 */
export function serverConfig(
  { address, port, operations }: ServerAddresses,
  authority: ServedAuthority,
  more: readonly string[],
): string {
  return stringify({
    version: '1.5.15',
    address,
    port,
    debug: false,
    crlsizelimit: 512_000,
    tls: { enabled: true, certfile: serverFiles.tlsCertificate, keyfile: serverFiles.tlsKey },
    operations: { listenAddress: operations, tls: { enabled: false } },
    metrics: { provider: 'prometheus' },
    ...authoritySections(authority),
    ...(more.length > 0 && { cafiles: more.map((folder) => `${folder}/${serverFiles.config}`) }),
  });
}

/** The configuration of a further authority of the same server. */
export const furtherConfig = (authority: ServedAuthority): string => stringify(authoritySections(authority));
