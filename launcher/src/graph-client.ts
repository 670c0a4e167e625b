import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { CommandError } from './errors.js';

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

/** The graph answered with errors. */
export class GraphRequestError extends CommandError {
  readonly errors: readonly GraphError[];

  constructor(errors: readonly GraphError[]) {
    const [first] = errors;
    super(first?.extensions?.code ?? 'GRAPH_ERROR', errors.map((error) => error.message).join('; '));
    this.errors = errors;
  }
}

/** One caller of a graph: requests over HTTP, streams over graphql-ws. */
export class GraphClient {
  readonly #url: string;
  readonly #token: string;
  #streams: Client | undefined;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws {@link GraphRequestError} if the answer has errors. */
  async request<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data?: Data; errors?: GraphError[] };
    if (answer.errors?.length) throw new GraphRequestError(answer.errors);
    if (answer.data === undefined)
      throw new CommandError('GRAPH_ERROR', `HTTP ${response.status} without data`);
    return answer.data;
  }

  /** A live stream; ends when the server completes it, the consumer returns, or {@link GraphClient.close} is called. */
  stream<Data>(query: string, variables: Record<string, unknown> = {}): AsyncIterableIterator<Data> {
    this.#streams ??= createClient({
      url: this.#url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.#token}` },
      retryAttempts: 0,
    });
    return unwrap(this.#streams.iterate<Data>({ query, variables }));
  }

  async close(): Promise<void> {
    await this.#streams?.dispose();
    this.#streams = undefined;
  }
}

/**
 * The data of each result; throws on errors. No generator, since the `return` of one waits for the event that it is
 * waiting for.
 */
function unwrap<Data>(
  results: AsyncIterableIterator<{ data?: Data | null; errors?: readonly GraphError[] }>,
): AsyncIterableIterator<Data> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const result = await results.next();
        if (result.done === true) return { done: true, value: undefined };
        const { data, errors } = result.value;
        if (errors?.length) throw new GraphRequestError(errors);
        if (data) return { done: false, value: data };
      }
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
  };
}
