/** Events of a test subgraph: what is published reaches every subscriber, in order. */
export class Topic<T> {
  readonly #subscribers = new Set<{ events: T[]; wake: () => void }>();

  get subscribers(): number {
    return this.#subscribers.size;
  }

  publish(event: T): void {
    for (const subscriber of this.#subscribers) {
      subscriber.events.push(event);
      subscriber.wake();
    }
  }

  /** A stream that begins with `first`; it ends when its consumer returns. */
  subscribe(first: readonly T[] = []): AsyncIterableIterator<T> {
    const subscriber = { events: [...first], wake: (): void => undefined };
    this.#subscribers.add(subscriber);
    return {
      next: async () => {
        while (subscriber.events.length === 0 && this.#subscribers.has(subscriber)) {
          await new Promise<void>((resolve) => (subscriber.wake = resolve));
        }
        const value = subscriber.events.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: () => {
        this.#subscribers.delete(subscriber);
        subscriber.events = [];
        subscriber.wake();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
