import { loadConfiguration, type Configuration } from '@medigraph/platform/config';
import { z } from 'zod';
import { supergraphSource, type SupergraphSource } from './graph/supergraph-source.js';
import { type SubgraphEndpoints } from './subgraphs/subgraph-client.js';

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
  };
}
