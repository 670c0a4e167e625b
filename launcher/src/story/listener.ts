import { setTimeout as delay } from 'node:timers/promises';
import { type GraphClient } from '../graph-client.js';
import { CommandError } from '../errors.js';

/** One event as a subscriber received it. */
export interface Received {
  readonly cursor: string;
  readonly event: string;
  readonly transaction: { readonly id: string; readonly block: number };
}

/** Subscribes to one field and keeps what arrives. */
export class Listener<Event extends Received = Received> {
  readonly received: Event[] = [];
  readonly #events: AsyncIterator<Readonly<Record<string, Event>>>;
  readonly #done: Promise<void>;
  #failure: unknown;
  #arrived: () => void = () => undefined;

  constructor(
    client: GraphClient,
    subscription: string,
    after: string | undefined,
    onEvent: (event: Event) => void = () => undefined,
  ) {
    this.#events = client.stream<Record<string, Event>>(subscription, { after });
    this.#done = this.#collect(onEvent);
  }

  /** Waits until an event fits; looks at what came already, too. @throws `EVENT_MISSING` after `timeoutMs`. */
  async waitFor(fits: (event: Event) => boolean, what: string, timeoutMs = 15_000): Promise<Event> {
    const timeout = delay(timeoutMs, 'late' as const, { ref: false });
    for (;;) {
      const found = this.received.find(fits);
      if (found) return found;
      if (this.#failure !== undefined) throw this.#failure as Error;
      const next = new Promise<void>((resolve) => (this.#arrived = resolve));
      if ((await Promise.race([next, timeout])) === 'late') {
        throw new CommandError('EVENT_MISSING', `${what} did not arrive within ${timeoutMs / 1000} s`);
      }
    }
  }

  /** Cursor of the last event that arrived. */
  get cursor(): string | undefined {
    return this.received.at(-1)?.cursor;
  }

  async stop(): Promise<void> {
    await this.#events.return?.();
    await this.#done;
  }

  async #collect(onEvent: (event: Event) => void): Promise<void> {
    try {
      for (;;) {
        const next = await this.#events.next();
        if (next.done === true) return;
        const [event] = Object.values(next.value);
        if (!event) continue;
        this.received.push(event);
        onEvent(event);
        this.#arrived();
      }
    } catch (error) {
      this.#failure = error;
      this.#arrived();
    }
  }
}
