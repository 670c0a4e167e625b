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

/** That an entry was erased. */
export interface ErasureDocument extends ReadModelDocument, care.Erasure {
  readonly transaction: TransactionReference;
}

/** Events that say what an entry has become. */
export const entryEvents = ['EntryProposed', 'EntryAuthorized', 'EntryRetracted'] as const;
const known = new Set([...entryEvents, 'EntryErased'] as const);

/** The index of entries. */
export class EntryIndex implements Projection {
  readonly name = 'records_index';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly entries: Model<EntryDocument>;
  readonly erasures: Model<ErasureDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.entries = readModelCollection(connection, `${this.name}_entries`, [
      { patient: 1, date: -1, _id: -1 },
      { patient: 1, category: 1, date: -1, _id: -1 },
    ]);
    this.erasures = readModelCollection(connection, `${this.name}_erasures`, []);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const latest = new Map<string, EntryDocument | undefined>();
    const erasures: ErasureDocument[] = [];
    for (const event of knownEvents(events, known)) {
      if (event.type === 'EntryErased') {
        const { item, transaction } = event;
        const _id = entryGraphId(item.patient, item.entry);
        latest.set(_id, undefined);
        erasures.push({ _id, ...item, transaction });
      } else {
        const document = documentOf(event.item, event.transaction);
        latest.set(document._id, document);
      }
    }
    const erased = [...latest].flatMap(([id, document]) => (document ? [] : [id]));
    await replaceAll(
      this.entries,
      [...latest.values()].filter((document) => document !== undefined),
    );
    await replaceAll(this.erasures, erasures);
    if (erased.length > 0) await this.entries.deleteMany({ _id: { $in: erased } });
  }

  async clear(): Promise<void> {
    await this.entries.deleteMany({});
    await this.erasures.deleteMany({});
  }
}

/** An entry as it is kept. */
export function documentOf(entry: care.Entry, transaction: TransactionReference): EntryDocument {
  return { _id: entryGraphId(entry.patient, entry.id), ...entry, transaction };
}
