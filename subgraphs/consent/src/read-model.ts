/** What this subgraph keeps of the ledger: consents, and who opened what. */
import {
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile, type TransactionReference } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';

export interface ConsentDocument extends ReadModelDocument, Omit<care.Consent, 'id'> {
  /** When it was first heard of: what lists are ordered by. */
  readonly since: string;
  readonly transaction: TransactionReference;
}

export interface OpeningDocument extends ReadModelDocument, Omit<care.Opening, 'transaction'> {
  readonly transaction: TransactionReference;
}

/** Events that say what a consent has become. */
export const consentEvents = [
  'ConsentRequested',
  'ConsentGranted',
  'ConsentDenied',
  'ConsentRevoked',
] as const;
const known = new Set([...consentEvents, 'EntryOpened'] as const);

/** Consents and the audit trail. */
export class ConsentBook implements Projection {
  readonly name = 'consent_book';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly consents: Model<ConsentDocument>;
  readonly openings: Model<OpeningDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.consents = readModelCollection(connection, `${this.name}_consents`, [
      { patient: 1, since: -1, _id: -1 },
      { grantee: 1, since: -1, _id: -1 },
    ]);
    this.openings = readModelCollection(connection, `${this.name}_openings`, [
      { patient: 1, openedAt: -1, _id: -1 },
      { actor: 1, openedAt: -1, _id: -1 },
    ]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const consents: ConsentDocument[] = [];
    const openings: OpeningDocument[] = [];
    for (const event of knownEvents(events, known)) {
      if (event.type === 'EntryOpened')
        openings.push({ _id: event.item.transaction, ...event.item, transaction: event.transaction });
      else consents.push(documentOf(event.item, event.transaction));
    }
    await Promise.all([replaceAll(this.consents, consents), replaceAll(this.openings, openings)]);
  }

  async clear(): Promise<void> {
    await Promise.all([this.consents.deleteMany({}), this.openings.deleteMany({})]);
  }
}

/** A consent as it is kept. */
export function documentOf(
  { id, ...consent }: care.Consent,
  transaction: TransactionReference,
): ConsentDocument {
  return { _id: id, ...consent, since: consent.requestedAt ?? consent.decidedAt ?? '', transaction };
}
