import { z } from 'zod';
import { claimNames } from '../identity/claim-names.js';
import { logLevels } from '../telemetry/index.js';

type SettingValue = string | number | undefined;

/** One environment variable: how it is read, what stands for it when it is not set, what it means. */
export interface Setting<Schema extends z.ZodType<SettingValue> = z.ZodType<SettingValue>> {
  readonly variable: string;
  readonly schema: Schema;
  readonly meaning: string;
  /** Never printed; may also be in a file, which `VARIABLE_FILE` names. */
  readonly secret?: boolean;
}

const setting = <Schema extends z.ZodType<SettingValue>>(description: Setting<Schema>): Setting<Schema> =>
  description;

const port = z.coerce.number('must be a port number').int().min(0).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const count = z.coerce.number('must be a whole number').int().min(1);
const text = z.string().min(1);

/** Every setting of the platform, by its name in {@link Configuration}. */
export const settings = {
  dataFolder: setting({
    variable: 'MEDIGRAPH_DATA',
    schema: text.default('.medigraph'),
    meaning: 'Folder for sealed keys and everything else that the platform keeps on disk.',
  }),
  connectionProfile: setting({
    variable: 'MEDIGRAPH_CONNECTION_PROFILE',
    schema: text.default('.medigraph/network/connection.json'),
    meaning: 'File that says how to reach the ledger: organisations, peers, channels, client identities.',
  }),
  organization: setting({
    variable: 'MEDIGRAPH_ORGANIZATION',
    schema: text.optional(),
    meaning: 'MSP id with which blocks are read; by default the first member of each channel.',
  }),
  mongodbUri: setting({
    variable: 'MONGODB_URI',
    schema: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/./, 'must start with mongodb:// or mongodb+srv://')
      .default('mongodb://127.0.0.1:27017'),
    meaning: 'The document server.',
    secret: true,
  }),
  host: setting({
    variable: 'MEDIGRAPH_HOST',
    schema: text.default('127.0.0.1'),
    meaning: 'Address to listen on.',
  }),
  port: setting({
    variable: 'MEDIGRAPH_PORT',
    schema: port.default(4000),
    meaning: 'Port of the router; 0 takes a free one.',
  }),
  tokenIssuer: setting({
    variable: 'MEDIGRAPH_TOKEN_ISSUER',
    schema: text.default('urn:medigraph:local'),
    meaning: 'Issuer that access tokens must name.',
  }),
  tokenAudience: setting({
    variable: 'MEDIGRAPH_TOKEN_AUDIENCE',
    schema: text.default('medigraph'),
    meaning: 'Audience that access tokens must name.',
  }),
  jwksUri: setting({
    variable: 'MEDIGRAPH_JWKS_URI',
    schema: httpUrl.optional(),
    meaning: 'Where the public keys of the token issuer are; by default the platform issues tokens itself.',
  }),
  routerJwks: setting({
    variable: 'MEDIGRAPH_ROUTER_JWKS',
    schema: text.optional(),
    meaning:
      "File with the routers' public keys (JWK set), as a router publishes them, for subgraphs to verify with.",
  }),
  callerProof: setting({
    variable: 'MEDIGRAPH_CALLER_PROOF',
    schema: z.enum(['token', 'assertion', 'both']).default('token'),
    meaning: "What a subgraph needs to know who calls: the token, the router's signed assertion, or both.",
  }),
  oidcIssuer: setting({
    variable: 'MEDIGRAPH_OIDC_ISSUER',
    schema: httpUrl.optional(),
    meaning:
      'OpenID Connect provider whose access tokens count too; its keys are found by discovery. By default `medigraph start` runs one.',
  }),
  oidcJwksUri: setting({
    variable: 'MEDIGRAPH_OIDC_JWKS_URI',
    schema: httpUrl.optional(),
    meaning: 'Where the provider’s public keys are, if it cannot be reached by its own address from here.',
  }),
  oidcAlgorithms: setting({
    variable: 'MEDIGRAPH_OIDC_ALGORITHMS',
    schema: z
      .string()
      .regex(
        /^(ES|RS|PS)(256|384|512)( (ES|RS|PS)(256|384|512))*$/,
        'must be of ES256, RS256, PS256 …, separated by spaces',
      )
      .default('ES256'),
    meaning: 'Algorithms that the provider signs access tokens with, separated by spaces.',
  }),
  oidcClaims: setting({
    variable: 'MEDIGRAPH_OIDC_CLAIMS',
    schema: z
      .string()
      .refine(
        (text) => isClaimNames(text),
        'must be JSON that names claims, such as {"role":"medigraph/role"}',
      )
      .optional(),
    meaning:
      'How the provider names our claims, as JSON: {"role":"medigraph/role","msp_id":"=HospitalAMSP"}; by default as we do.',
  }),
  dappClientsSecret: setting({
    variable: 'MEDIGRAPH_DAPP_CLIENTS_SECRET',
    schema: text.optional(),
    meaning:
      'Bearer secret of the administration of the embedded provider at MEDIGRAPH_OIDC_ISSUER: with it, back ends of DApps get clients. `medigraph start` sets it.',
    secret: true,
  }),
  dappClientsUrl: setting({
    variable: 'MEDIGRAPH_DAPP_CLIENTS_URL',
    schema: httpUrl.optional(),
    meaning:
      'Where the embedded provider is reached for the administration of clients, if not at MEDIGRAPH_OIDC_ISSUER.',
  }),
  masterKey: setting({
    variable: 'MEDIGRAPH_MASTER_KEY',
    schema: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, 'must be 32 bytes in hex')
      .optional(),
    meaning: 'Seals the keys kept here; by default a file in the data folder, made at first start.',
    secret: true,
  }),
  masterPassphrase: setting({
    variable: 'MEDIGRAPH_MASTER_PASSPHRASE',
    schema: z.string().min(12, 'must have at least 12 characters').optional(),
    meaning:
      'Instead of a master key: a passphrase; one that is made at first start is wrapped with it (scrypt).',
    secret: true,
  }),
  kmsKeyUrl: setting({
    variable: 'MEDIGRAPH_KMS_KEY_URL',
    schema: z
      .string()
      .regex(
        /^https?:\/\/[^?#]+\/v1\/[^?#]+\/keys\/[\w.-]+$/,
        'must be like https://HOST:8200/v1/transit/keys/NAME',
      )
      .optional(),
    meaning: 'Instead of a master key: a key of the transit engine of OpenBao or Vault, which wraps it.',
  }),
  kmsToken: setting({
    variable: 'MEDIGRAPH_KMS_TOKEN',
    schema: text.optional(),
    meaning: 'Token that may encrypt and decrypt with that key.',
    secret: true,
  }),
  contributionsPerMinute: setting({
    variable: 'MEDIGRAPH_CONTRIBUTIONS_PER_MINUTE',
    schema: count.default(1_200),
    meaning: 'Resources that one device or program may contribute about one patient in a minute.',
  }),
  resourceBytes: setting({
    variable: 'MEDIGRAPH_RESOURCE_BYTES',
    schema: count.max(50_000_000, 'must be what the ledger takes: at most 50000000').default(20_000_000),
    meaning: 'Most bytes of JSON of one resource of a record.',
  }),
  importBytes: setting({
    variable: 'MEDIGRAPH_IMPORT_BYTES',
    schema: count.default(20_000_000_000),
    meaning: 'Most bytes of one import that is sent over HTTP, unpacked.',
  }),
  importsAtOnce: setting({
    variable: 'MEDIGRAPH_IMPORTS_AT_ONCE',
    schema: count.default(8),
    meaning: 'Imports over HTTP that a subgraph takes at the same time.',
  }),
  fileBytes: setting({
    variable: 'MEDIGRAPH_FILE_BYTES',
    schema: count.max(2_147_483_647, 'must be what FHIR can tell: at most 2147483647').default(2_000_000_000),
    meaning: 'Most bytes of one file.',
  }),
  personFileBytes: setting({
    variable: 'MEDIGRAPH_PERSON_FILE_BYTES',
    schema: count.default(4_000_000_000),
    meaning: 'Most bytes of all files of one person together.',
  }),
  stewardAdministrators: setting({
    variable: 'MEDIGRAPH_STEWARD_ADMINISTRATORS',
    schema: text
      .regex(/^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/, 'must be MSPID=FOLDER, with commas between several')
      .optional(),
    meaning:
      'MSP folders of administrators, as MSPID=FOLDER: DApps that their organisations approve are installed and run with these. The embedded network has its own.',
  }),
  webhookPrivateAddresses: setting({
    variable: 'MEDIGRAPH_WEBHOOK_PRIVATE_ADDRESSES',
    schema: z.enum(['refused', 'allowed']).default('refused'),
    meaning:
      'Whether back ends of DApps may be told of events at addresses that are not on the public internet.',
  }),
  publisherPackageBytes: setting({
    variable: 'MEDIGRAPH_PUBLISHER_PACKAGE_BYTES',
    schema: count.default(5_000_000_000),
    meaning: 'Most bytes of all packages of DApps together that are kept for one institution.',
  }),
  packageBytes: setting({
    variable: 'MEDIGRAPH_PACKAGE_BYTES',
    schema: count.default(50_000_000),
    meaning: 'Most bytes of the package of one version of a DApp.',
  }),
  dappsListen: setting({
    variable: 'MEDIGRAPH_DAPPS_LISTEN',
    schema: text.default('127.0.0.1'),
    meaning: 'Address at which contracts of DApps listen for peers.',
  }),
  dappsHost: setting({
    variable: 'MEDIGRAPH_DAPPS_HOST',
    schema: text.regex(/^[^:\s]+$/, 'must be a host without a port').optional(),
    meaning: 'Host by which peers reach contracts of DApps, if not by the address of MEDIGRAPH_DAPPS_LISTEN.',
  }),
  dappsPorts: setting({
    variable: 'MEDIGRAPH_DAPPS_PORTS',
    schema: text
      .regex(/^\d{1,5}-\d{1,5}$/, 'must be FIRST-LAST')
      .refine((range) => {
        const [first = 0, last = 0] = range.split('-').map(Number);
        return first > 0 && first <= last && last <= 65_535;
      }, 'must be ports, the first not above the last')
      .optional(),
    meaning:
      'Ports for contracts of DApps, as FIRST-LAST: one for each version that runs; by default any that is free.',
  }),
  dappsTls: setting({
    variable: 'MEDIGRAPH_DAPPS_TLS',
    schema: text.optional(),
    meaning:
      'Folder with tls.crt and tls.key for the host that peers reach contracts of DApps by, and ca.crt beside it, which peers are told; without it peers connect in the clear.',
  }),
  dappsHealthPort: setting({
    variable: 'MEDIGRAPH_DAPPS_HEALTH_PORT',
    schema: port.optional(),
    meaning: 'Port on 127.0.0.1 at which the part that runs DApps says what it runs (/health).',
  }),
  dappEventsPerSecond: setting({
    variable: 'MEDIGRAPH_DAPP_EVENTS_PER_SECOND',
    schema: count.max(10_000, 'must be at most 10000').default(200),
    meaning: 'Most transactions of one DApp within a second that tell the network of something.',
  }),
  usageDays: setting({
    variable: 'MEDIGRAPH_USAGE_DAYS',
    schema: count.max(366, 'must be at most 366').default(14),
    meaning:
      'Days in which an operation that clients sent to the graph must not be broken by a new version of a DApp.',
  }),
  logLevel: setting({
    variable: 'MEDIGRAPH_LOG_LEVEL',
    schema: z.enum(logLevels).default('info'),
    meaning: `How much is logged: ${logLevels.join(', ')}.`,
  }),
} as const;

function isClaimNames(text: string): boolean {
  try {
    return claimNames.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

type Settings = typeof settings;
/** The settings of the platform, read and checked. */
export type Configuration = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> };
