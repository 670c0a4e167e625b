import { type LedgerBlock } from '../ledger/index.js';
import { type LedgerEvent } from './projection.js';

/** A ledger event and the chaincode that emitted it. */
export interface SourcedEvent {
  readonly chaincode: string;
  readonly event: LedgerEvent;
}

/** Whose events are decoded, beside those of the consortium's own chaincodes. */
export type Strangers = (chaincode: string) => boolean;

/** Items of one event of a stranger that are looked at, and bytes of its payload. */
const mostItems = 1_000;
const mostBytes = 256 * 1024;

/** Type of an event of a chaincode that is not the consortium's: nothing of it is taken for an event of another. */
export const strangersEvent = (chaincode: string, event: string): string => `${chaincode}/${event}`;

/**
 * The events of a block that the wanted chaincodes emitted, an item each, in order.
 * @param isStranger - Theirs are typed by {@link strangersEvent}; a payload that is no array is the one item; what is beyond all
 *   measure is left out.
 * @param onUndecodable - Told of a payload that is no JSON array. It never will be one, so it is left out.
 */
export function decodeEvents(
  block: LedgerBlock,
  chaincodes: ReadonlySet<string>,
  onUndecodable: (transactionId: string, eventName: string) => void,
  isStranger: Strangers = () => false,
): SourcedEvent[] {
  return block.transactions.flatMap(({ index: transaction, id, timestamp, event }) => {
    if (!event) return [];
    const known = chaincodes.has(event.chaincode);
    if (!known && !isStranger(event.chaincode)) return [];
    const items = known ? parseArray(event.payload) : strangersItems(event.payload);
    if (!items) {
      onUndecodable(id, event.name);
      return [];
    }
    return items.map((payload, index) => ({
      chaincode: event.chaincode,
      event: {
        position: { channel: block.channel, block: block.number, transaction, index },
        type: known ? event.name : strangersEvent(event.chaincode, event.name),
        payload,
        transactionId: id,
        timestamp,
      },
    }));
  });
}

function parseArray(payload: Uint8Array): unknown[] | undefined {
  const parsed = parse(payload);
  return Array.isArray(parsed) ? parsed : undefined;
}

function strangersItems(payload: Uint8Array): unknown[] | undefined {
  if (payload.length > mostBytes) return undefined;
  const parsed = parse(payload);
  if (parsed === undefined) return undefined;
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return items.length > mostItems ? undefined : items;
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as unknown;
  } catch {
    return undefined;
  }
}
