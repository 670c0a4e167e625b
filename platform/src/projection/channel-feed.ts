import { comparePositions, endOfBlock } from './position.js';
import { type EventPosition, type LedgerEvent } from './projection.js';

/**
 * The newest events of one channel in memory, shared by every reader. Readers hold a position and nothing else; who has
 * fallen behind the oldest event here reads from the event log.
 */
export class ChannelFeed {
  readonly #channel: string;
  readonly #limit: number;
  #events: LedgerEvent[] = [];
  /** Everything after this and up to the head is in memory. */
  #floor: EventPosition;
  #head: EventPosition;

  /**
   * @param block - Last block whose events were published before.
   * @param limit - Events kept.
   */
  constructor(channel: string, block: number, limit: number) {
    this.#channel = channel;
    this.#limit = limit;
    this.#floor = endOfBlock(channel, block);
    this.#head = this.#floor;
  }

  /** After the last event published. */
  get head(): EventPosition {
    return this.#head;
  }

  /** Takes the events of all blocks up to `block`; those that were published before, in a rebuild, are left out. */
  publish(events: readonly LedgerEvent[], block: number): boolean {
    const head = endOfBlock(this.#channel, block);
    if (comparePositions(head, this.#head) <= 0) return false;
    const fresh = events.filter(({ position }) => comparePositions(position, this.#head) > 0);
    this.#events.push(...fresh);
    this.#head = head;
    // Cutting at twice the limit, rather than at every event, keeps the cost of an event constant.
    if (this.#events.length > 2 * this.#limit) {
      const dropped = this.#events.splice(0, this.#events.length - this.#limit);
      this.#floor = dropped.at(-1)?.position ?? this.#floor;
    }
    return fresh.length > 0;
  }

  /** Up to `limit` events after the position; undefined if some of them are no longer in memory. */
  after(position: EventPosition, limit: number): readonly LedgerEvent[] | undefined {
    if (comparePositions(position, this.#floor) < 0) return undefined;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event && comparePositions(event.position, position) > 0) high = middle;
      else low = middle + 1;
    }
    return low === this.#events.length ? nothing : this.#events.slice(low, low + limit);
  }
}

const nothing: readonly LedgerEvent[] = [];
