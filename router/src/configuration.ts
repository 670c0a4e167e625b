import { readFile } from 'node:fs/promises';
import { loadConfiguration, type Configuration } from '@medigraph/platform/config';
import { z } from 'zod';
import { type SubgraphEndpoints } from './subgraphs/subgraph-client.js';

const endpoints = z.record(
  z.string(),
  z.object({ url: z.url({ protocol: /^https?$/ }), wsUrl: z.url({ protocol: /^wss?$/ }).optional() }),
);

/** An optional variable: empty counts as not set. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('must be JSON');
    return z.NEVER;
  }
});

const environment = z.object({
  MEDIGRAPH_SUPERGRAPH: z.string('must name a file').min(1),
  MEDIGRAPH_SUBGRAPHS: json.pipe(endpoints),
  MEDIGRAPH_JWKS_URI: z.url('must be the address of the keys'),
  MEDIGRAPH_CORS_ORIGINS: optional(
    z.string().transform((list) => list.split(',').map((origin) => origin.trim())),
  ),
  MEDIGRAPH_GRAPHIQL: optional(z.stringbool()),
  MEDIGRAPH_INTROSPECTION: optional(z.enum(['everybody', 'authenticated', 'nobody'])),
  MEDIGRAPH_TRUSTED_DOCUMENTS: optional(z.string()),
  MEDIGRAPH_DRAIN_MS: optional(z.coerce.number().int().min(0)),
});

/** What the router as a server of its own reads from its environment, beside the settings of the platform. */
export const routerEnvironment: Readonly<Record<keyof z.output<typeof environment>, string>> = {
  MEDIGRAPH_SUPERGRAPH: 'File with the composed supergraph (SDL). Needed.',
  MEDIGRAPH_SUBGRAPHS:
    'Addresses of the subgraphs: {"claims":{"url":"http://…","wsUrl":"ws://…"},…}. Needed.',
  MEDIGRAPH_JWKS_URI: 'Where the public keys of the token issuer are. Needed.',
  MEDIGRAPH_CORS_ORIGINS: 'Web origins that may use the graph, separated by commas; none by default.',
  MEDIGRAPH_GRAPHIQL: 'Whether browsers get GraphiQL; true by default.',
  MEDIGRAPH_INTROSPECTION: 'Who may ask for the schema: everybody (default), authenticated, nobody.',
  MEDIGRAPH_TRUSTED_DOCUMENTS:
    'File of the only documents that are executed, JSON of id to text; none by default.',
  MEDIGRAPH_DRAIN_MS: 'How long a stopping router waits for what is under way; 10000 by default.',
};

/** The configuration of a router of its own. */
export interface RouterConfiguration {
  readonly platform: Configuration;
  readonly supergraph: string;
  readonly subgraphs: SubgraphEndpoints;
  readonly jwksUri: URL;
  readonly corsOrigins?: readonly string[];
  readonly graphiql?: boolean;
  readonly introspection?: 'everybody' | 'authenticated' | 'nobody';
  readonly trustedDocuments?: string;
  readonly drainMs?: number;
}

/** @throws an error with one line that names the variable. */
export async function loadRouterConfiguration(variables: NodeJS.ProcessEnv): Promise<RouterConfiguration> {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path[0]?.toString() ?? 'environment'}: ${issue?.message ?? 'is not valid'}`);
  }
  const { data } = parsed;
  return {
    platform: loadConfiguration(variables),
    supergraph: await readFile(data.MEDIGRAPH_SUPERGRAPH, 'utf8'),
    subgraphs: data.MEDIGRAPH_SUBGRAPHS,
    jwksUri: new URL(data.MEDIGRAPH_JWKS_URI),
    corsOrigins: data.MEDIGRAPH_CORS_ORIGINS,
    graphiql: data.MEDIGRAPH_GRAPHIQL,
    introspection: data.MEDIGRAPH_INTROSPECTION,
    trustedDocuments: data.MEDIGRAPH_TRUSTED_DOCUMENTS,
    drainMs: data.MEDIGRAPH_DRAIN_MS,
  };
}
