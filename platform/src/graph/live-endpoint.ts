import { type Server } from 'node:http';
import { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { assertionHeader, type Caller } from '../identity/index.js';
import { PlatformError } from '../errors/index.js';
import { type CallerCheck } from './caller-check.js';
import { type Logger } from '../telemetry/index.js';
import { type LiveOperations } from './live-operations.js';

/** What a live endpoint serves. */
export interface LiveEndpointOptions<Context extends object> {
  readonly server: Server;
  readonly operations: LiveOperations<Context>;
  readonly logger: Logger;
  readonly bodyLimit: number;
  readonly callers: CallerCheck;
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
  const { server, operations, bodyLimit, callers, logger } = options;
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
      onSubscribe: ({ extra }, _id, payload) => {
        const { query, variables, operationName, extensions } = payload;
        // As the router wrote it: JSON that was parsed is written the same again.
        const body = JSON.stringify({ query, variables: variables ?? undefined, operationName });
        try {
          return operations.prepare(callers.confirm(extra.caller, assertionOf(extensions), body), payload);
        } catch (error) {
          if (!(error instanceof PlatformError)) throw error;
          return [new GraphQLError(error.message, { originalError: error })];
        }
      },
      onOperation: (_context, _id, { extensions }, { contextValue }, result) => {
        if (extensions?.['cursor'] !== true || !('next' in result)) return;
        return operations.marked(result, contextValue as Context);
      },
      onNext: (_context, _id, _payload, _args, result) => operations.formatted(result),
      onError: (_context, _id, _payload, failures) => operations.formattedErrors(failures),
    },
    sockets,
  );
  sockets.on('error', (err) => logger.error({ err }, 'live endpoint failed'));
  return async () => {
    await live.dispose();
  };
}

/** The assertion among the headers that the extensions of a subscription carry. */
function assertionOf(extensions: Readonly<Record<string, unknown>> | null | undefined): unknown {
  const headers = extensions?.['headers'];
  return typeof headers === 'object' && headers !== null
    ? (headers as Record<string, unknown>)[assertionHeader]
    : undefined;
}
