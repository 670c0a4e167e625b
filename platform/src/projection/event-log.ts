import { type Connection, mongo } from 'mongoose';
import { type EventPosition, type LedgerEvent } from './projection.js';

/** An event at rest. The payload stays JSON text, so that no field name in it can mean something to the server. */
interface LoggedEvent {
  _id: string;
  type: string;
  payload: string;
  transactionId: string;
  timestamp: string;
  channel: string;
  block: number;
  transaction: number;
  index: number;
}

const duplicateKey = 11_000;

/** Ten digits hold the largest number of a position, so that ids sort as positions do. */
const digits = (value: number): string => String(value + 1).padStart(10, '0');

const idOf = ({ channel, block, transaction, index }: EventPosition): string =>
  [channel, digits(block), digits(transaction), digits(index)].join('/');

/** Every event that was ever projected, so that readers can go back to any cursor. */
export class EventLog {
  readonly #connection: Connection;
  readonly #name: string;

  constructor(connection: Connection, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** Adds events; those that are there already stay as they are. */
  async append(events: readonly LedgerEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.#collection().insertMany(events.map(toLogged), { ordered: false });
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error;
    }
  }

  /** Up to `limit` events of one channel after a position and not after another, in order. */
  async page(after: EventPosition, until: EventPosition, limit: number): Promise<LedgerEvent[]> {
    const found = await this.#collection()
      .find({ _id: { $gt: idOf(after), $lte: idOf(until) } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return found.map(fromLogged);
  }

  #collection() {
    return this.#connection.collection<LoggedEvent>(this.#name);
  }
}

function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof mongo.MongoBulkWriteError)) return false;
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return failures.length > 0 && failures.every(({ code }) => code === duplicateKey);
}

function toLogged(event: LedgerEvent): LoggedEvent {
  const { position, type, payload, transactionId, timestamp } = event;
  return {
    _id: idOf(position),
    type,
    payload: JSON.stringify(payload),
    transactionId,
    timestamp,
    ...position,
  };
}

function fromLogged(logged: LoggedEvent): LedgerEvent {
  const { channel, block, transaction, index, type, payload, transactionId, timestamp } = logged;
  return {
    position: { channel, block, transaction, index },
    type,
    payload: JSON.parse(payload) as unknown,
    transactionId,
    timestamp,
  };
}
