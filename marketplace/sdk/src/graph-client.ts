import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** An error as a graph answers it. */
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly dappCode?: string };
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphError[];
}

/** The graph answered with errors. */
export class GraphRefusal extends Error {
  override readonly name = 'GraphRefusal';
  /** Of the platform, such as `DAPP_REFUSED`. */
  readonly code: string;
  /** Of a DApp's own contract, where one refused. */
  readonly dappCode: string | undefined;

  constructor(readonly errors: readonly GraphError[]) {
    super(errors.map(({ message }) => message).join('; '));
    const [first] = errors;
    this.code = first?.extensions?.code ?? 'GRAPH_ERROR';
    this.dappCode = first?.extensions?.dappCode;
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

  /** Asks a query or a mutation. @throws {@link GraphRefusal} if the answer has errors. */
  async request<Data>(operation: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ query: operation, variables }),
    });
    const { data, errors } = (await response.json()) as Answer<Data>;
    if (errors?.length) throw new GraphRefusal(errors);
    if (data === undefined || data === null)
      throw new GraphRefusal([{ message: `HTTP ${response.status} without data` }]);
    return data;
  }

  /** A live stream; ends when the server completes it, the consumer returns, or {@link GraphClient.close} is called. */
  stream<Data>(
    subscription: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): AsyncIterableIterator<Data, undefined> {
    this.#streams ??= createClient({
      url: this.#url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.#token}` },
      retryAttempts: 0,
    });
    return unwrap(this.#streams.iterate<Data>({ query: subscription, variables: { ...variables } }));
  }

  /** Ends every stream that is open. */
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
): AsyncIterableIterator<Data, undefined> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const result = await results.next();
        if (result.done === true) return { done: true, value: undefined };
        const { data, errors } = result.value;
        if (errors?.length) throw new GraphRefusal(errors);
        if (data) return { done: false, value: data };
      }
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
  };
}
