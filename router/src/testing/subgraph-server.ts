import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph';
import { parse, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** What a resolver of a test subgraph knows of its request. */
export interface SubgraphCall {
  readonly authorization: string | undefined;
  /** Of a subscription whose stream has cursors: where it begins. */
  streamStart?: string;
}

/** A request as a test subgraph received it. */
export interface ReceivedRequest {
  readonly query: string;
  readonly authorization: string | undefined;
  readonly requestId: string | undefined;
  /** To the byte. */
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

type Resolvers = NonNullable<GraphQLSchemaModule['resolvers']>;

/** A real subgraph: Apollo Server over HTTP and `graphql-ws`, on a free port of the loopback. */
export class SubgraphServer {
  readonly name: string;
  readonly typeDefs: string;
  /** Requests since the start, over HTTP. */
  readonly received: ReceivedRequest[] = [];
  /** `connectionParams.authorization` of every WebSocket connection. */
  readonly connected: unknown[] = [];
  /** Payloads of every subscription over WebSocket. */
  readonly subscribed: Readonly<Record<string, unknown>>[] = [];
  readonly #schema: GraphQLSchema;
  #http: Server | undefined;
  #sockets: WebSocketServer | undefined;
  #apollo: ApolloServer<SubgraphCall> | undefined;
  #port = 0;

  constructor(name: string, typeDefs: string, resolvers: Resolvers) {
    this.name = name;
    this.typeDefs = typeDefs;
    this.#schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/graphql`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#port}/graphql`;
  }

  /** WebSocket connections open now. */
  get openSockets(): number {
    return this.#sockets?.clients.size ?? 0;
  }

  /** Starts; after a {@link stop}, again on the same port. */
  async start(): Promise<void> {
    const apollo = new ApolloServer<SubgraphCall>({
      schema: this.#schema,
      introspection: true,
      // As a careless operator would run it, so that tests see the router hide what must be hidden.
      includeStacktraceInErrorResponses: true,
      logger: silent,
    });
    await apollo.start();
    const http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void (async () => {
          const text = Buffer.concat(chunks).toString();
          const body = JSON.parse(text) as { query: string };
          const { authorization, 'x-request-id': requestId } = request.headers;
          this.received.push({
            query: body.query,
            authorization,
            requestId: requestId?.toString(),
            body: text,
            headers: request.headers,
          });
          const headers = new HeaderMap();
          for (const [key, value] of Object.entries(request.headers)) {
            if (value !== undefined) headers.set(key, value.toString());
          }
          const answer = await apollo.executeHTTPGraphQLRequest({
            httpGraphQLRequest: { method: 'POST', headers, search: '', body },
            context: () => Promise.resolve({ authorization }),
          });
          response.writeHead(answer.status ?? 200, Object.fromEntries(answer.headers));
          response.end(answer.body.kind === 'complete' ? answer.body.string : '');
        })();
      });
    });
    const sockets = new WebSocketServer({ server: http, path: '/graphql' });
    useServer(
      {
        schema: this.#schema,
        onConnect: (context) => {
          this.connected.push(context.connectionParams?.authorization);
        },
        context: ({ connectionParams }): SubgraphCall => ({
          authorization: connectionParams?.authorization?.toString(),
        }),
        onOperation: (_context, _id, payload, { contextValue }, result) => {
          this.subscribed.push({ ...payload });
          const { extensions } = payload;
          const { streamStart } = contextValue as SubgraphCall;
          if (extensions?.['cursor'] !== true || streamStart === undefined || !('next' in result)) return;
          return marked(result, streamStart);
        },
      },
      sockets,
    );
    http.listen(this.#port, '127.0.0.1');
    await once(http, 'listening');
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#sockets = sockets;
    this.#apollo = apollo;
  }

  /** Ends at once, as a killed process would: connections break. */
  async stop(): Promise<void> {
    if (!this.#http) return;
    const closed = once(this.#http, 'close');
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
    await this.#apollo?.stop();
    this.#http = undefined;
  }
}

/** Results after a mark of where they begin, as the platform's own subgraphs give it. */
function marked(
  results: AsyncIterableIterator<ExecutionResult>,
  cursor: string,
): AsyncIterableIterator<ExecutionResult> {
  const first: ExecutionResult[] = [{ extensions: { cursor } }];
  return {
    next() {
      const value = first.shift();
      return value ? Promise.resolve({ done: false, value }) : results.next();
    },
    return: () => results.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
