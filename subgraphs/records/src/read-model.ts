/** What this subgraph keeps of the ledger: the index of entries. Never their content. */
import {
  entryGraphId,
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

export interface EntryDocument extends ReadModelDocument, care.Entry {
  readonly transaction: TransactionReference;
}

/** Events that say what an entry has become. */
export const entryEvents = ['EntryProposed', 'EntryAuthorized', 'EntryRetracted'] as const;
const known = new Set(entryEvents);

/** The index of entries. */
export class EntryIndex implements Projection {
  readonly name = 'records_index';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly entries: Model<EntryDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.entries = readModelCollection(connection, `${this.name}_entries`, [
      { patient: 1, date: -1, _id: -1 },
      { patient: 1, category: 1, date: -1, _id: -1 },
    ]);
  }

  apply(events: readonly LedgerEvent[]): Promise<void> {
    const documents = knownEvents(events, known).map(({ item, transaction }) =>
      documentOf(item, transaction),
    );
    return replaceAll(this.entries, documents);
  }

  async clear(): Promise<void> {
    await this.entries.deleteMany({});
  }
}

/** An entry as it is kept. */
export function documentOf(entry: care.Entry, transaction: TransactionReference): EntryDocument {
  return { _id: entryGraphId(entry.patient, entry.id), ...entry, transaction };
}
