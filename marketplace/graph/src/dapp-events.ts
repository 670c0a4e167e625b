import { liveStream } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { strangersEvent } from '@medigraph/platform/projection';
import { chaincodeOf } from '@medigraph/schema/dapps';
import { type DAppContext } from './dapp-context.js';
import { type EventField } from './graph-model.js';
import { checkedValue, ValueInvalid } from './values.js';

/** What subscribers get of an event. */
export interface DAppEvent {
  readonly cursor: string;
  readonly event: string;
  readonly transaction: TransactionReference;
  readonly timestamp: string;
  readonly item: unknown;
}

/**
 * Events of a DApp's contracts, for one subscriber, at that subscriber's own pace. What is not of the type that was promised is left
 * out: no subscriber can do anything about it. Ends with `DAPP_NOT_INSTALLED` once the DApp is not installed any more.
 * @throws `DAPP_NOT_INSTALLED`, `CURSOR_INVALID`
 */
export async function dappEvents(
  context: DAppContext,
  { event: name, item, filters }: EventField,
  { after, ...wanted }: { readonly after?: string; readonly [filter: string]: unknown },
): Promise<AsyncIterableIterator<DAppEvent>> {
  await context.requireInstalled();
  const { dapp, channel, shapes } = context.model;
  const type = strangersEvent(chaincodeOf(dapp), name);
  const matches = (value: Record<string, unknown>): boolean =>
    filters.every(
      (filter) => wanted[filter.name] === undefined || value[filter.name] === wanted[filter.name],
    );
  return liveStream(context, { channels: [channel], after }, () => ({
    async take({ cursor, event }) {
      if (event.type !== type) return undefined;
      let value: unknown;
      try {
        value = checkedValue(shapes, item, event.payload, 'item');
      } catch (error) {
        if (!(error instanceof ValueInvalid)) throw error;
        context.services.logger.warn({ dapp, event: name, err: error }, 'event of a DApp is not of its type');
        return undefined;
      }
      if (!matches(value as Record<string, unknown>)) return undefined;
      context.renew();
      await context.requireInstalled();
      const { transactionId: id, timestamp, position } = event;
      const transaction = { id, channel, block: position.block };
      return { cursor, event: name, transaction, timestamp, item: value };
    },
  }));
}
