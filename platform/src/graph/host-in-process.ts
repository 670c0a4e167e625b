import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type GraphQLSchema } from 'graphql';
import { type Caller } from '../identity/index.js';
import { type Logger } from '../telemetry/index.js';
import { ErrorFormatter } from './format-error.js';
import { InProcessEndpoint } from './in-process-endpoint.js';
import { type InProcessGraph } from './in-process-graph.js';
import { LiveOperations } from './live-operations.js';

/** @see hostInProcess */
export interface HostedOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly createContext: (caller: Caller) => Context;
  readonly authenticate: (authorization: unknown) => Promise<Caller>;
  /** Cursor of where the stream of a subscription begins, once it has begun. */
  readonly startOf: (context: Context) => string | undefined;
  /** Most bytes of a query and its variables as JSON. */
  readonly bodyLimit: number;
  readonly logger: Logger;
}

/** A schema that is executed for its own process, and what other ways in share with it. */
export interface HostedGraph<Context extends object> {
  readonly graph: InProcessGraph;
  readonly apollo: ApolloServer<Context>;
  readonly live: LiveOperations<Context>;
  /** Takes no more requests in the process, and breaks off what is open. */
  endStreams(): Promise<void>;
  stop(): Promise<void>;
}

/** Has a schema executed for whoever calls it in this process. */
export async function hostInProcess<Context extends object>(
  options: HostedOptions<Context>,
): Promise<HostedGraph<Context>> {
  const { schema, createContext, authenticate, startOf, bodyLimit, logger } = options;
  const errors = new ErrorFormatter(logger);
  const apollo = new ApolloServer<Context>({
    schema,
    formatError: errors.format,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // What nobody reads: hints for caches, traces of every field to whoever asks for them, reports to a vendor.
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    logger,
  });
  await apollo.start();
  const live = new LiveOperations<Context>({ schema, errors, createContext, startOf });
  const graph = new InProcessEndpoint<Context>({ apollo, live, bodyLimit, authenticate, createContext });
  return { graph, apollo, live, endStreams: () => graph.stop(), stop: () => apollo.stop() };
}
