/** Where an event stands: channel, block, transaction in the block, item in the event's payload. */
export interface EventPosition {
  readonly channel: string;
  readonly block: number;
  readonly transaction: number;
  readonly index: number;
}

/** One item of one contract event, as the ledger has it. */
export interface LedgerEvent<Type extends string = string, Payload = unknown> {
  readonly position: EventPosition;
  readonly type: Type;
  readonly payload: Payload;
  readonly transactionId: string;
  readonly timestamp: string;
}

/** A live event with the cursor to come back with: opaque, and valid on every instance and after a rebuild. */
export interface CursoredEvent<Event extends LedgerEvent = LedgerEvent> {
  readonly cursor: string;
  readonly event: Event;
}

/**
 * Writes a read model from the events of a block. Called in block order, once per block in the ordinary case and again
 * for the last block after a crash: it must come to the same documents when repeated.
 */
export interface Projection {
  /** Name of the read model; its collections start with it. */
  readonly name: string;
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  apply(events: readonly LedgerEvent[]): Promise<void>;
  /** Empties the read model, for a rebuild from block zero. */
  clear(): Promise<void>;
}

/** Events from some place on. */
export interface CursoredEvents extends AsyncIterable<CursoredEvent> {
  /** Cursor of where they begin: before the first of them. */
  readonly start: string;
}

/** Keeps a read model and tells of what happened, in ledger order per channel. */
export interface Projector {
  start(): Promise<void>;
  /** Resolves when the block is in the read model; after `timeoutMs` anyway, with false. */
  reached(channel: string, block: number, timeoutMs?: number): Promise<boolean>;
  /**
   * Events after the cursor (absent: from now on), then live, until the signal aborts. Pulled at the reader's own
   * pace: a slow reader costs nothing but its position.
   * @throws `CURSOR_INVALID`.
   */
  events(options: { channels?: readonly string[]; after?: string; signal: AbortSignal }): CursoredEvents;
  /** Last block applied, by channel. */
  checkpoints(): Promise<Record<string, number>>;
  rebuild(): Promise<void>;
  stop(): Promise<void>;
}
