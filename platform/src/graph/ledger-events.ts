import { care, claims, registry } from '@medigraph/schema';
import { PlatformError } from '../errors/index.js';
import { type EventPosition, type LedgerEvent } from '../projection/index.js';
import { type TransactionReference } from '../ledger/index.js';

const schemas = { ...care.careEvents, ...claims.claimsEvents, ...registry.registryEvents };

/** Event name to its item. */
export type EventItems = care.CareEvents & claims.ClaimsEvents & registry.RegistryEvents;
export type EventName = keyof EventItems;

/** An event whose item has been checked against the ledger model. */
export type KnownEvent<Name extends EventName = EventName> = {
  [Type in Name]: {
    readonly type: Type;
    readonly item: EventItems[Type];
    readonly position: EventPosition;
    readonly transaction: TransactionReference;
    readonly timestamp: string;
  };
}[Name];

/** A contract emitted what the ledger model does not allow: platform and contract are of different versions. */
export class EventInvalid extends PlatformError {
  constructor(event: LedgerEvent, cause: unknown) {
    const { channel, block, transaction, index } = event.position;
    super(
      'EVENT_INVALID',
      `${event.type} at ${channel}/${block}/${transaction}/${index} is not as the ledger model says; are platform and contracts of one version?`,
      { cause },
    );
  }
}

/**
 * The events among these that have one of the names, checked. Names that are not asked for are skipped: contracts may
 * come to emit more than a reader knows.
 * @throws {@link EventInvalid}
 */
export function knownEvents<Name extends EventName>(
  events: readonly LedgerEvent[],
  names: ReadonlySet<Name>,
): KnownEvent<Name>[] {
  return events.flatMap((event) => knownEvent(event, names) ?? []);
}

/** {@link knownEvents} of one. */
export function knownEvent<Name extends EventName>(
  event: LedgerEvent,
  names: ReadonlySet<Name>,
): KnownEvent<Name> | undefined {
  if (!(names as ReadonlySet<string>).has(event.type)) return undefined;
  const type = event.type as Name;
  const parsed = schemas[type].safeParse(event.payload);
  if (!parsed.success) throw new EventInvalid(event, parsed.error);
  const { channel, block } = event.position;
  return {
    type,
    item: parsed.data,
    position: event.position,
    transaction: { id: event.transactionId, channel, block },
    timestamp: event.timestamp,
  } as KnownEvent<Name>;
}
