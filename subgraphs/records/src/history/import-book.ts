/** What this subgraph keeps of imports that patients asked for. */
import {
  entryGraphId,
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
  type Viewer,
} from '@medigraph/platform/graph';
import { type ConnectionProfile, type TransactionReference } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';

export interface ImportDocument extends ReadModelDocument, care.HistoryImport {
  readonly transaction: TransactionReference;
}

/** Events that say what an import has become. */
export const importEvents = ['ImportRequested', 'ImportOffered', 'ImportPicked', 'ImportDeclined'] as const;
const known = new Set(importEvents);

/** The imports that patients asked for. */
export class ImportBook implements Projection {
  readonly name = 'records_imports';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly imports: Model<ImportDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.imports = readModelCollection(connection, `${this.name}_imports`, [
      { patient: 1, requestedAt: -1, _id: -1 },
      { institution: 1, requestedAt: -1, _id: -1 },
    ]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const latest = new Map(
      knownEvents(events, known).map(({ item, transaction }) => {
        const document = importDocument(item, transaction);
        return [document._id, document];
      }),
    );
    await replaceAll(this.imports, latest.values());
  }

  async clear(): Promise<void> {
    await this.imports.deleteMany({});
  }
}

/** An import as it is kept. */
export function importDocument(item: care.HistoryImport, transaction: TransactionReference): ImportDocument {
  return { _id: entryGraphId(item.patient, item.id), ...item, transaction };
}

/** Query for the imports that the viewer may see, who is the patient or the institution asked; undefined if there can be none. */
export function visibleImports({ patient, institution }: Viewer): object | undefined {
  if (patient !== undefined) return { patient };
  return institution === undefined ? undefined : { institution };
}
