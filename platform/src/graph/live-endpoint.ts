import { type Server } from 'node:http';
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { assertionHeader, type Caller } from '../identity/index.js';
import { PlatformError } from '../errors/index.js';
import { type CallerCheck } from './caller-check.js';
import { type Logger } from '../telemetry/index.js';
import { TokenExpired } from './errors.js';
import { type ErrorFormatter } from './format-error.js';

/** What a live endpoint serves. */
export interface LiveEndpointOptions<Context extends object> {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly errors: ErrorFormatter;
  readonly logger: Logger;
  readonly bodyLimit: number;
  readonly callers: CallerCheck;
  readonly createContext: (caller: Caller) => Context;
  /** Cursor of where the stream of a subscription begins, once it has begun. */
  readonly startOf: (context: Context) => string | undefined;
}

type Authenticated = Extra & Record<PropertyKey, unknown> & { caller?: Caller };

/**
 * `graphql-ws` at `/graphql`. The token comes in `connectionParams.authorization`, as `Bearer …`; without one that
 * holds the connection is closed with 4403.
 * A subscriber that says `extensions: { cursor: true }` is given the cursor of where its stream begins, in the extensions of a first
 * result without data: with it, it misses nothing even if it is cut before the first event.
 * @returns ends every connection with 1001.
 */
export function serveLive<Context extends object>(
  options: LiveEndpointOptions<Context>,
): () => Promise<void> {
  const { server, schema, errors, bodyLimit, callers, createContext, startOf, logger } = options;
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: bodyLimit });
  const live = useServer<{ authorization?: unknown }, Authenticated>(
    {
      onConnect: async ({ connectionParams, extra }) => {
        try {
          extra.caller = await callers.authenticate(
            connectionParams?.authorization ?? extra.request.headers.authorization,
          );
          return true;
        } catch (error) {
          if (!(error instanceof PlatformError)) throw error;
          extra.socket.close(CloseCode.Forbidden, `${error.code}: ${error.message}`.slice(0, 120));
          return false;
        }
      },
      onSubscribe: ({ extra }, _id, { query, operationName, variables, extensions }) => {
        if (extra.caller && Date.now() >= extra.caller.expiresAt * 1000)
          return [asGraphqlError(new TokenExpired())];
        // As the router wrote it: JSON that was parsed is written the same again.
        const body = JSON.stringify({ query, variables: variables ?? undefined, operationName });
        const caller = attempt(() => callers.confirm(extra.caller, assertionOf(extensions), body));
        if (caller instanceof PlatformError) return [asGraphqlError(caller)];
        const prepared = prepare(schema, query);
        if (Array.isArray(prepared)) return prepared;
        return {
          schema,
          document: prepared,
          operationName,
          variableValues: variables,
          contextValue: createContext(caller),
        } satisfies ExecutionArgs;
      },
      onOperation: (_context, _id, { extensions }, { contextValue }, result) => {
        const start = startOf(contextValue as Context);
        if (extensions?.['cursor'] !== true || start === undefined || !('next' in result)) return;
        return marked(result, start);
      },
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors && {
          ...result,
          errors: result.errors.map((error) => errors.ofExecution(error)),
        },
      onError: (_context, _id, _payload, failures) => failures.map((error) => errors.ofExecution(error)),
    },
    sockets,
  );
  sockets.on('error', (err) => logger.error({ err }, 'live endpoint failed'));
  return async () => {
    await live.dispose();
  };
}

/** The results after a mark of where they begin. */
function marked(
  results: AsyncIterableIterator<ExecutionResult>,
  cursor: string,
): AsyncIterableIterator<ExecutionResult> {
  let begun = false;
  return {
    next() {
      if (begun) return results.next();
      begun = true;
      return Promise.resolve({ done: false, value: { extensions: { cursor } } });
    },
    return: () => results.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The assertion among the headers that the extensions of a subscription carry. */
function assertionOf(extensions: Readonly<Record<string, unknown>> | null | undefined): unknown {
  const headers = extensions?.['headers'];
  return typeof headers === 'object' && headers !== null
    ? (headers as Record<string, unknown>)[assertionHeader]
    : undefined;
}

function attempt<T>(action: () => T): T | PlatformError {
  try {
    return action();
  } catch (error) {
    if (error instanceof PlatformError) return error;
    throw error;
  }
}

function prepare(schema: GraphQLSchema, query: string): ExecutionArgs['document'] | GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 10_000 });
    const problems = validate(schema, document);
    return problems.length > 0 ? [...problems] : document;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    return [new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })];
  }
}

function asGraphqlError(error: PlatformError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}
