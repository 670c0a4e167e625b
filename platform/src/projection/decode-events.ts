import { type LedgerBlock } from '../ledger/index.js';
import { type LedgerEvent } from './projection.js';

/** A ledger event and the chaincode that emitted it. */
export interface SourcedEvent {
  readonly chaincode: string;
  readonly event: LedgerEvent;
}

/**
 * The events of a block that the wanted chaincodes emitted, an item each, in order.
 * @param onUndecodable - Told of a payload that is no JSON array. It never will be one, so it is left out.
 */
export function decodeEvents(
  block: LedgerBlock,
  chaincodes: ReadonlySet<string>,
  onUndecodable: (transactionId: string, eventName: string) => void,
): SourcedEvent[] {
  return block.transactions.flatMap(({ index: transaction, id, timestamp, event }) => {
    if (!event || !chaincodes.has(event.chaincode)) return [];
    const items = parseArray(event.payload);
    if (!items) {
      onUndecodable(id, event.name);
      return [];
    }
    return items.map((payload, index) => ({
      chaincode: event.chaincode,
      event: {
        position: { channel: block.channel, block: block.number, transaction, index },
        type: event.name,
        payload,
        transactionId: id,
        timestamp,
      },
    }));
  });
}

function parseArray(payload: Uint8Array): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString());
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
