import { type LedgerEvent, strangersEvent } from '@medigraph/platform/projection';
import { type Logger } from '@medigraph/platform/telemetry';
import { chaincodeOf } from '@medigraph/schema/dapps';
import { type EventField, type GraphModel } from './graph-model.js';
import { checkedValue, ValueInvalid } from './values.js';

/**
 * What others are told of an event of a DApp's contracts: its payload, copied by its type. Undefined if it is another event, or not of
 * the type that was promised: whoever is told can do nothing about that.
 */
export function eventItem(
  { dapp, shapes }: GraphModel,
  { event: name, item }: EventField,
  event: LedgerEvent,
  logger: Logger,
): Record<string, unknown> | undefined {
  if (event.type !== strangersEvent(chaincodeOf(dapp), name)) return undefined;
  try {
    return checkedValue(shapes, item, event.payload, 'item') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof ValueInvalid)) throw error;
    logger.warn({ dapp, event: name, err: error }, 'event of a DApp is not of its type');
    return undefined;
  }
}
