import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { certificateAuthorities } from './certificate-authorities.js';
import { NetworkDescriptionError } from './errors.js';

const mspId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, 'must be an MSP id');
const hostPart = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const nodeName = z.string().regex(hostPart, 'must be a host name without dots');
const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a domain name');

const organization = z.strictObject({
  mspId,
  domain,
  peers: z.array(nodeName).min(1),
  /** Whom it enrols beside its own people. */
  enrols: z.literal('patients').optional(),
});

/** Private data of a suite that only some organisations have. */
const collection = z
  .strictObject({
    // What Fabric allows as a collection's name.
    name: z.string().regex(/^[A-Za-z0-9-][A-Za-z0-9_-]*$/),
    /** Whose clients are members and whose peers keep the data, such as `OR('A.member', 'B.member')`. */
    policy: z.string().min(1),
    /** Peers besides the endorsing one that must be given the data for it to endorse. */
    requiredPeers: z.int().nonnegative().default(0),
    /** Peers that it is given to at most when it is endorsed. */
    maxPeers: z.int().nonnegative().default(1),
    /** Blocks for which data is kept after the one that wrote it; 0 for ever. */
    blockToLive: z.int().nonnegative().default(0),
    /** Whether only members' clients may read and write it through the chaincode. */
    memberOnlyRead: z.boolean().default(false),
    memberOnlyWrite: z.boolean().default(false),
    /** Who must endorse writes, if not who must endorse for the suite. */
    endorsementPolicy: z.string().min(1).optional(),
  })
  .refine(({ requiredPeers, maxPeers }) => requiredPeers <= maxPeers, {
    message: 'requiredPeers must not be more than maxPeers',
    path: ['requiredPeers'],
  });
export type CollectionDescription = z.infer<typeof collection>;

const suite = z.strictObject({
  suite: nodeName,
  /** Name under which the suite is committed on the channel. */
  chaincode: z.string().regex(/^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/),
  endorsementPolicy: z.string().min(1),
  collections: z.array(collection).optional(),
});

const port = z.int().min(1).max(65_535);

/** Ports of nodes that have a host each, as in compose and Kubernetes; on loopback each has a free one that it keeps. */
export const defaultPorts = {
  orderer: 7050,
  ordererAdmin: 7053,
  peer: 7051,
  /** Of the contract suites. */
  chaincode: 9999,
  /** Health and figures of orderers and peers. */
  operations: 9443,
  /** Of the graph. */
  platform: 4000,
  /** Of the identity provider. */
  identity: 4001,
  /** First of the contracts of DApps. */
  dapps: 9700,
  /** Of the document servers. */
  mongodb: 27_017,
  /** Of CA servers and of the proxies before them. */
  ca: 7054,
  /** Of the CA servers' database. */
  database: 5432,
};

const ports = z.strictObject({
  orderer: port.optional(),
  ordererAdmin: port.optional(),
  peer: port.optional(),
  chaincode: port.optional(),
  operations: port.optional(),
  platform: port.optional(),
  identity: port.optional(),
  dapps: port.optional(),
  mongodb: port.optional(),
  ca: port.optional(),
  database: port.optional(),
});

const channel = z.strictObject({
  // What Fabric allows as a channel id.
  name: z
    .string()
    .max(249)
    .regex(/^[a-z][a-z0-9.-]*$/),
  organizations: z.array(mspId).min(1),
  insurer: mspId.optional(),
  /**
   * Who may do what, where it is not as Fabric has it: a policy of the channel for a resource, such as
   * `_lifecycle/CommitChaincodeDefinition: /Channel/Application/Admins`.
   */
  acls: z
    .record(
      z.string().regex(/^[A-Za-z_]+\/[A-Za-z]+$/, 'must be a resource of Fabric'),
      z.string().regex(/^\/Channel(\/[A-Za-z0-9.-]+)+$/, 'must be the path of a policy of the channel'),
    )
    .optional(),
  suites: z.array(suite).min(1),
});

const fewestByzantineNodes = 4;

/** A consortium network: organisations, orderer, channels, contract suites and policies. */
export const networkDescription = z
  .strictObject({
    organizations: z.array(organization).min(1),
    orderer: z.strictObject({
      mspId,
      domain,
      nodes: z.array(nodeName).min(1),
      /** How the nodes agree: `etcdraft`, the default, outlives crashes of a minority, `smartbft` also lies of less than a third. */
      consensus: z.enum(['etcdraft', 'smartbft']).optional(),
    }),
    channels: z.array(channel).min(1),
    /**
     * Whether clients reach the nodes over TLS; `mutual` if they must show a certificate too. By default an embedded
     * network, which is on the loopback, does without. The nodes of a native network always speak TLS.
     */
    tls: z.union([z.boolean(), z.literal('mutual')]).optional(),
    /** Absent where nobody is to be enrolled: then no authority is served. */
    certificateAuthorities: certificateAuthorities.optional(),
    batch: z.strictObject({
      timeoutMs: z.int().min(1),
      maxTransactions: z.int().min(1),
      absoluteMaxBytes: z.int().min(1024),
      preferredMaxBytes: z.int().min(1024),
    }),
    /** Address by which people know the identity provider; http on the loopback, for a trial, unless given. */
    signIn: z.url({ protocol: /^https?$/ }).optional(),
    /** Where they differ from {@link defaultPorts}. */
    ports: ports.optional(),
  })
  .superRefine((description, context) => {
    const known = new Set(description.organizations.map((each) => each.mspId));
    const unique = (values: string[], what: string) => {
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice !== undefined)
        context.addIssue({ code: 'custom', message: `${what} ${twice} is there twice` });
    };
    unique([...known, description.orderer.mspId], 'MSP id');
    unique(
      description.organizations.map((each) => each.mspId),
      'MSP id',
    );
    unique([...description.organizations.map((each) => each.domain), description.orderer.domain], 'domain');
    unique(
      description.channels.map(({ name }) => name),
      'channel',
    );
    for (const mspId of Object.keys(description.certificateAuthorities?.organizations ?? {})) {
      if (known.has(mspId) || mspId === description.orderer.mspId) continue;
      context.addIssue({
        code: 'custom',
        path: ['certificateAuthorities', 'organizations', mspId],
        message: `${mspId} is not one of the organizations`,
      });
    }
    for (const { collections = [] } of description.channels.flatMap(({ suites }) => suites))
      unique(
        collections.map(({ name }) => name),
        'collection',
      );
    for (const { domain: host, peers } of description.organizations) {
      unique(
        peers.map((name) => `${name}.${host}`),
        'node',
      );
    }
    const { nodes, consensus, domain: host } = description.orderer;
    unique(
      nodes.map((name) => `${name}.${host}`),
      'node',
    );
    if (consensus === 'smartbft' && nodes.length < fewestByzantineNodes) {
      context.addIssue({
        code: 'custom',
        path: ['orderer', 'nodes'],
        message: `smartbft needs ${fewestByzantineNodes} nodes or more: with fewer, none may fail`,
      });
    }
    description.channels.forEach(({ organizations, insurer }, index) => {
      for (const member of [...organizations, ...(insurer === undefined ? [] : [insurer])]) {
        if (!known.has(member)) {
          context.addIssue({
            code: 'custom',
            path: ['channels', index, 'organizations'],
            message: `${member} is not one of the organizations`,
          });
        }
      }
    });
  });
export type NetworkDescription = z.infer<typeof networkDescription>;

/** The description that Medigraph ships. */
export const defaultDescriptionFile = fileURLToPath(new URL('../network.yaml', import.meta.url));

/** The same consortium on machines of its own. */
export const productionDescriptionFile = fileURLToPath(new URL('../production.yaml', import.meta.url));

/** @throws {@link NetworkDescriptionError} naming the file, and the path in it that is wrong. */
export async function readNetworkDescription(file = defaultDescriptionFile): Promise<NetworkDescription> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new NetworkDescriptionError(`${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const result = networkDescription.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'network'}: ${message}`);
  throw new NetworkDescriptionError(`${file} is not a network description: ${issues.join('; ')}`);
}
