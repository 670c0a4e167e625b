import { setTimeout } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { EventMissing, type GraphError, GraphRefusal } from './errors.js';

/** Milliseconds that a test waits for an event. */
const patienceMs = 30_000;

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphError[];
}

/** @see Participant */
export interface ParticipantOptions {
  /** Address of the graph. */
  readonly graph: string;
  readonly token: string;
  /** Cursor before the first event of any DApp. */
  readonly begin: string;
}

/** Somebody on the network: asks the graph in their own name. */
export class Participant {
  readonly #graph: string;
  readonly #token: string;
  readonly #begin: string;
  #streams: Client | undefined;

  constructor({ graph, token, begin }: ParticipantOptions) {
    this.#graph = graph;
    this.#token = token;
    this.#begin = begin;
  }

  /** Asks a query or a mutation. @throws {@link GraphRefusal} where the answer has errors. */
  async request<Data>(operation: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const response = await fetch(this.#graph, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ query: operation, variables }),
    });
    return dataOf((await response.json()) as Answer<Data>);
  }

  /**
   * Events of a subscription, in their order. One that declares `$after: String` and passes it on is told of everything since the
   * network began, so that no test depends on whether it subscribed in time. Whoever waits for the next in vain gets
   * {@link EventMissing} after 30 s.
   *
   * @example
   * for await (const { greeter_greeted } of patient.events('subscription($after: String) { greeter_greeted(after: $after) { item { words } } }')) break;
   */
  events<Data>(
    subscription: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): AsyncIterableIterator<Data, undefined> {
    this.#streams ??= createClient({
      url: this.#graph.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.#token}` },
      retryAttempts: 0,
    });
    const declares = /\$after\b/.test(subscription);
    const results = this.#streams.iterate<Data>({
      query: subscription,
      variables: { ...(declares && { after: this.#begin }), ...variables },
    });
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        const result = await inTime(results);
        if (result.done === true) return { done: true, value: undefined };
        return { done: false, value: dataOf(result.value as Answer<Data>) };
      },
      async return() {
        await results.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  /** Ends what is open. */
  async close(): Promise<void> {
    await this.#streams?.dispose();
    this.#streams = undefined;
  }
}

/** A patient of the network. */
export class Patient extends Participant {
  /** @param address - chain address */
  constructor(
    readonly address: string,
    options: ParticipantOptions,
  ) {
    super(options);
  }
}

async function inTime<Result>(results: AsyncIterableIterator<Result>): Promise<IteratorResult<Result>> {
  const waited = new AbortController();
  const late = setTimeout(patienceMs, undefined, { signal: waited.signal }).then(() => {
    void results.return?.();
    throw new EventMissing(patienceMs);
  });
  try {
    return await Promise.race([results.next(), late]);
  } finally {
    late.catch(() => undefined);
    waited.abort();
  }
}

function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  if (errors?.length) throw new GraphRefusal(errors);
  if (data === undefined || data === null)
    throw new GraphRefusal([{ message: 'the graph answered nothing' }]);
  return data;
}
