import { setTimeout } from 'node:timers/promises';
import { GraphClient } from '../graph-client.js';
import { EventMissing } from './errors.js';

/** Milliseconds that a test waits for an event. */
const patienceMs = 30_000;

/** @see Participant */
export interface ParticipantOptions {
  /** Address of the graph. */
  readonly graph: string;
  readonly token: string;
  /** Cursor before the first event of any DApp. */
  readonly begin: string;
}

/** Somebody on the network: asks the graph in their own name. */
export class Participant extends GraphClient {
  readonly #begin: string;

  constructor({ graph, token, begin }: ParticipantOptions) {
    super(graph, token);
    this.#begin = begin;
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
    const declares = /\$after\b/.test(subscription);
    const stream = this.stream<Data>(subscription, {
      ...(declares && { after: this.#begin }),
      ...variables,
    });
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => inTime(stream),
      async return() {
        await stream.return?.();
        return { done: true, value: undefined };
      },
    };
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

async function inTime<Data>(
  stream: AsyncIterableIterator<Data, undefined>,
): Promise<IteratorResult<Data, undefined>> {
  const waited = new AbortController();
  const late = setTimeout(patienceMs, undefined, { signal: waited.signal }).then(() => {
    void stream.return?.();
    throw new EventMissing(patienceMs);
  });
  try {
    return await Promise.race([stream.next(), late]);
  } finally {
    late.catch(() => undefined);
    waited.abort();
  }
}
