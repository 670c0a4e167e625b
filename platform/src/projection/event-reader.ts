import { type ChannelFeed } from './channel-feed.js';
import { encodeCursor } from './cursor.js';
import { type EventLog } from './event-log.js';
import { comparePositions } from './position.js';
import { type CursoredEvent, type EventPosition, type LedgerEvent } from './projection.js';
import { type Wakeups } from './wakeups.js';

/** Events that a reader takes at a time. */
const pageSize = 256;

export interface EventReaderOptions {
  readonly feeds: ReadonlyMap<string, ChannelFeed>;
  readonly eventLog: EventLog;
  readonly published: Wakeups;
  /** Where to start, on every channel of the stream. */
  readonly positions: Map<string, EventPosition>;
  readonly signal: AbortSignal;
  readonly isStopped: () => boolean;
}

/** One reader's walk through the events: a position on each channel, moved on as the reader asks for more. */
export async function* readEvents(
  options: EventReaderOptions,
): AsyncGenerator<CursoredEvent, void, undefined> {
  const { positions, published, signal, isStopped } = options;
  const ended = (): boolean => signal.aborted || isStopped();
  while (!ended()) {
    const seen = published.count;
    let found = false;
    for (const channel of positions.keys()) {
      for (const event of await pageOf(options, channel)) {
        if (ended()) break;
        found = true;
        positions.set(channel, event.position);
        yield { cursor: encodeCursor(positions), event };
      }
    }
    if (!found) await published.next(seen, signal);
  }
}

async function pageOf(
  { feeds, eventLog, positions }: EventReaderOptions,
  channel: string,
): Promise<readonly LedgerEvent[]> {
  const feed = feeds.get(channel);
  const position = positions.get(channel);
  if (!feed || !position || comparePositions(position, feed.head) >= 0) return [];
  const { head } = feed;
  const inMemory = feed.after(position, pageSize);
  if (inMemory) return inMemory;
  const logged = await eventLog.page(position, head, pageSize);
  // The log has nothing up to the head: there is nothing to look for there again.
  if (logged.length === 0) positions.set(channel, head);
  return logged;
}
