import { liveStream } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type DAppContext } from './dapp-context.js';
import { eventItem } from './event-item.js';
import { type EventField } from './graph-model.js';

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
  field: EventField,
  { after, ...wanted }: { readonly after?: string; readonly [filter: string]: unknown },
): Promise<AsyncIterableIterator<DAppEvent>> {
  await context.requireInstalled();
  const { model, services } = context;
  const { channel } = model;
  const matches = (value: Record<string, unknown>): boolean =>
    field.filters.every(
      (filter) => wanted[filter.name] === undefined || value[filter.name] === wanted[filter.name],
    );
  return liveStream(context, { channels: [channel], after }, () => ({
    async take({ cursor, event }) {
      const item = eventItem(model, field, event, services.logger);
      if (item === undefined || !matches(item)) return undefined;
      context.renew();
      await context.requireInstalled();
      const { transactionId: id, timestamp, position } = event;
      const transaction = { id, channel, block: position.block };
      return { cursor, event: field.event, transaction, timestamp, item };
    },
  }));
}
