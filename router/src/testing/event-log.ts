import { GraphQLError } from 'graphql';

/** An event with where its stream stands after it. */
export interface LoggedEvent<T> {
  readonly cursor: string;
  readonly event: T;
}

/** Events of a test subgraph that can be read again after any cursor, as those of a ledger can. */
export class EventLog<T> {
  /** How often reading began, ever. */
  opened = 0;
  readonly #events: T[] = [];
  readonly #readers = new Set<{ wake: () => void }>();

  /** Streams open now. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Cursor of the newest event. */
  get head(): string {
    return cursorAt(this.#events.length);
  }

  append(event: T): void {
    this.#events.push(event);
    for (const reader of this.#readers) reader.wake();
  }

  /** Where a stream after this cursor begins; after the newest event, without one. @throws `CURSOR_INVALID` */
  startOf(after: string | undefined): string {
    const start = after ?? this.head;
    if (!/^at-\d+$/.test(start) || Number(start.slice(3)) > this.#events.length) {
      throw new GraphQLError('The cursor is none of ours.', { extensions: { code: 'CURSOR_INVALID' } });
    }
    return start;
  }

  /** Events after a cursor, then as they come; ends when its consumer returns. */
  read(start: string): AsyncIterableIterator<LoggedEvent<T>, undefined> {
    let position = Number(start.slice(3));
    const reader = { wake: (): void => undefined };
    this.#readers.add(reader);
    this.opened += 1;
    return {
      next: async () => {
        while (position >= this.#events.length && this.#readers.has(reader)) {
          await new Promise<void>((resolve) => (reader.wake = resolve));
        }
        const event = this.#events[position];
        if (event === undefined || !this.#readers.has(reader)) return { done: true, value: undefined };
        position += 1;
        return { done: false, value: { cursor: cursorAt(position), event } };
      },
      return: () => {
        this.#readers.delete(reader);
        reader.wake();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function cursorAt(position: number): string {
  return `at-${position}`;
}
