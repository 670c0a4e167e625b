import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AssertionSigner } from '@medigraph/platform/identity';
import { loadConfiguration, type Configuration } from '@medigraph/platform/config';
import { z } from 'zod';
import { supergraphSource, type SupergraphSource } from './graph/supergraph-source.js';
import { defaultRouterLimits, type RouterLimits } from './router-limits.js';
import { type SubgraphEndpoints } from './subgraphs/subgraph-client.js';
import { ClientAddresses } from './traffic/client-addresses.js';
import { type Rate } from '@medigraph/platform/time';

const endpoints = z.record(
  z.string(),
  z.object({ url: z.url({ protocol: /^https?$/ }), wsUrl: z.url({ protocol: /^wss?$/ }).optional() }),
);

/** An optional variable: empty counts as not set. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const list = z.string().transform((text) => text.split(',').map((member) => member.trim()));

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('must be JSON');
    return z.NEVER;
  }
});

/** A rate such as `600/60`: so many within so many seconds. */
const rate = z
  .string()
  .regex(/^[1-9]\d*\/[1-9]\d*$/, 'must be AMOUNT/SECONDS, such as 600/60')
  .transform((text): Rate => {
    const [amount, perSeconds] = text.split('/').map(Number);
    return { amount: amount ?? 0, perSeconds: perSeconds ?? 0 };
  });

function areProxies(proxies: readonly string[]): boolean {
  try {
    return new ClientAddresses(proxies) instanceof ClientAddresses;
  } catch {
    return false;
  }
}

const environment = z.object({
  MEDIGRAPH_SUPERGRAPH: z.string('must name a file or an address').min(1),
  MEDIGRAPH_SUPERGRAPH_POLL_MS: optional(z.coerce.number().int().min(100)),
  MEDIGRAPH_SUBGRAPHS: json.pipe(endpoints),
  MEDIGRAPH_JWKS_URI: z.url('must be the address of the keys'),
  MEDIGRAPH_CORS_ORIGINS: optional(list),
  MEDIGRAPH_GRAPHIQL: optional(z.stringbool()),
  MEDIGRAPH_INTROSPECTION: optional(z.enum(['everybody', 'authenticated', 'nobody'])),
  MEDIGRAPH_TRUSTED_DOCUMENTS: optional(z.string()),
  MEDIGRAPH_DRAIN_MS: optional(z.coerce.number().int().min(0)),
  MEDIGRAPH_LIVE_IGNORED_CLAIMS: optional(list),
  MEDIGRAPH_UNAUTHORIZED: optional(z.enum(['withhold', 'refuse'])),
  MEDIGRAPH_ANONYMOUS: optional(z.stringbool()),
  MEDIGRAPH_STEP_UP_MAX_AGE: optional(z.coerce.number().int().min(1)),
  MEDIGRAPH_ASSERTION_KEY: optional(z.string()),
  MEDIGRAPH_TRUSTED_PROXIES: optional(list.refine(areProxies, 'must be addresses or networks')),
  MEDIGRAPH_RATE_OPERATIONS: optional(rate),
  MEDIGRAPH_RATE_ANONYMOUS: optional(rate),
  MEDIGRAPH_RATE_SUBSCRIPTIONS: optional(rate),
  MEDIGRAPH_RATE_COST: optional(rate),
  MEDIGRAPH_RATE_FIELDS: optional(
    json.pipe(z.record(z.string().regex(/^\w+\.\w+$/, 'must be Type.field'), rate)),
  ),
  MEDIGRAPH_USAGE_MONGODB_URI: optional(
    z.string().regex(/^mongodb(\+srv)?:\/\/./, 'must start with mongodb:// or mongodb+srv://'),
  ),
  MEDIGRAPH_BREAKER_RATIO: optional(z.coerce.number().min(0).max(1)),
});

/** What the router as a server of its own reads from its environment, beside the settings of the platform. */
export const routerEnvironment: Readonly<Record<keyof z.output<typeof environment>, string>> = {
  MEDIGRAPH_SUPERGRAPH: 'File or http(s) address of the composed supergraph (SDL). Needed.',
  MEDIGRAPH_SUPERGRAPH_POLL_MS: 'How often to look whether it has changed; 2000 by default.',
  MEDIGRAPH_SUBGRAPHS:
    'Addresses of the subgraphs: {"claims":{"url":"http://…","wsUrl":"ws://…"},…}. Needed.',
  MEDIGRAPH_JWKS_URI: 'Where the public keys of the token issuer are. Needed.',
  MEDIGRAPH_CORS_ORIGINS: 'Web origins that may use the graph, separated by commas; none by default.',
  MEDIGRAPH_GRAPHIQL: 'Whether browsers get GraphiQL; true by default.',
  MEDIGRAPH_INTROSPECTION: 'Who may ask for the schema: everybody (default), authenticated, nobody.',
  MEDIGRAPH_TRUSTED_DOCUMENTS:
    'File of the only documents that are executed, JSON of id to text; none by default.',
  MEDIGRAPH_DRAIN_MS: 'How long a stopping router waits for what is under way; 10000 by default.',
  MEDIGRAPH_LIVE_IGNORED_CLAIMS:
    'Claims that no subgraph looks at, such as sub: clients that differ in them share live streams; none by default.',
  MEDIGRAPH_UNAUTHORIZED:
    'withhold (default) the fields that a caller is not given, or refuse operations that ask for any.',
  MEDIGRAPH_ANONYMOUS:
    'Whether clients without a token get what no directive keeps from them; false by default: the schema at most.',
  MEDIGRAPH_STEP_UP_MAX_AGE: 'For how many seconds a sign-in satisfies the policy mfa; 3600 by default.',
  MEDIGRAPH_ASSERTION_KEY:
    'File of a P-256 private key (PEM) with which the router asserts to subgraphs who calls; none by default.',
  MEDIGRAPH_TRUSTED_PROXIES:
    'Addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas; none by default.',
  MEDIGRAPH_RATE_OPERATIONS: 'Operations of one caller, as AMOUNT/SECONDS; not limited by default.',
  MEDIGRAPH_RATE_ANONYMOUS: 'Operations from one address without a token; 600/60 by default.',
  MEDIGRAPH_RATE_SUBSCRIPTIONS: 'Subscriptions that one caller begins; not limited by default.',
  MEDIGRAPH_RATE_COST: 'Objects that the operations of one caller may answer with; not limited by default.',
  MEDIGRAPH_RATE_FIELDS:
    'Uses of root fields by one caller: {"Mutation.grantAccess":"10/60",…}; none by default.',
  MEDIGRAPH_USAGE_MONGODB_URI:
    'Document server in which the operations that clients send are counted, without their values, for the review of DApps; not counted by default.',
  MEDIGRAPH_BREAKER_RATIO:
    'Share of failing requests from which on a subgraph is left alone for a while; 0.5 by default, 0 never.',
};

/** The configuration of a router of its own. */
export interface RouterConfiguration {
  readonly platform: Configuration;
  readonly supergraph: string;
  readonly watch: { readonly source: SupergraphSource; readonly intervalMs: number };
  readonly subgraphs: SubgraphEndpoints;
  readonly jwksUri: URL;
  readonly corsOrigins?: readonly string[];
  readonly graphiql?: boolean;
  readonly introspection?: 'everybody' | 'authenticated' | 'nobody';
  readonly trustedDocuments?: string;
  readonly drainMs?: number;
  readonly liveIgnoredClaims?: readonly string[];
  readonly unauthorized?: 'withhold' | 'refuse';
  readonly anonymous?: boolean;
  readonly stepUpMaxAgeSeconds?: number;
  readonly assertions?: AssertionSigner;
  readonly trustedProxies?: readonly string[];
  /** Document server in which operations are counted. */
  readonly usageUri?: string;
  readonly limits: Pick<RouterLimits, 'rates' | 'breakers'>;
}

/** @throws an error with one line that names the variable. */
export async function loadRouterConfiguration(variables: NodeJS.ProcessEnv): Promise<RouterConfiguration> {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path[0]?.toString() ?? 'environment'}: ${issue?.message ?? 'is not valid'}`);
  }
  const { data } = parsed;
  const source = supergraphSource(data.MEDIGRAPH_SUPERGRAPH);
  const supergraph = await source.read();
  if (supergraph === undefined) throw new Error('MEDIGRAPH_SUPERGRAPH: gives nothing');
  return {
    platform: loadConfiguration(variables),
    supergraph,
    watch: { source, intervalMs: data.MEDIGRAPH_SUPERGRAPH_POLL_MS ?? 2_000 },
    subgraphs: data.MEDIGRAPH_SUBGRAPHS,
    jwksUri: new URL(data.MEDIGRAPH_JWKS_URI),
    corsOrigins: data.MEDIGRAPH_CORS_ORIGINS,
    graphiql: data.MEDIGRAPH_GRAPHIQL,
    introspection: data.MEDIGRAPH_INTROSPECTION,
    trustedDocuments: data.MEDIGRAPH_TRUSTED_DOCUMENTS,
    drainMs: data.MEDIGRAPH_DRAIN_MS,
    liveIgnoredClaims: data.MEDIGRAPH_LIVE_IGNORED_CLAIMS,
    unauthorized: data.MEDIGRAPH_UNAUTHORIZED,
    anonymous: data.MEDIGRAPH_ANONYMOUS,
    stepUpMaxAgeSeconds: data.MEDIGRAPH_STEP_UP_MAX_AGE,
    assertions: await signerOf(data.MEDIGRAPH_ASSERTION_KEY),
    trustedProxies: data.MEDIGRAPH_TRUSTED_PROXIES,
    usageUri: data.MEDIGRAPH_USAGE_MONGODB_URI,
    limits: limitsOf(data),
  };
}

function limitsOf(data: z.output<typeof environment>): RouterConfiguration['limits'] {
  const { rates, breakers } = defaultRouterLimits;
  return {
    rates: {
      ...rates,
      anonymous: data.MEDIGRAPH_RATE_ANONYMOUS ?? rates.anonymous,
      operations: data.MEDIGRAPH_RATE_OPERATIONS,
      subscriptions: data.MEDIGRAPH_RATE_SUBSCRIPTIONS,
      cost: data.MEDIGRAPH_RATE_COST,
      fields: data.MEDIGRAPH_RATE_FIELDS,
    },
    breakers: { ...breakers, failureRatio: data.MEDIGRAPH_BREAKER_RATIO ?? breakers.failureRatio },
  };
}

async function signerOf(file: string | undefined): Promise<AssertionSigner | undefined> {
  if (file === undefined) return undefined;
  try {
    return await AssertionSigner.create(createPrivateKey(await readFile(file)));
  } catch (error) {
    throw new Error(`MEDIGRAPH_ASSERTION_KEY: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
