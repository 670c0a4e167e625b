/** What this subgraph keeps of the ledger: coverages and claims of every claims channel. Never what was done. */
import {
  channelGraphId,
  knownEvents,
  placesOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile, type TransactionReference } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type claims } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';

export interface CoverageDocument extends ReadModelDocument, claims.Coverage {
  readonly transaction: TransactionReference;
}

export interface ClaimDocument extends ReadModelDocument, claims.Claim {
  readonly transaction: TransactionReference;
}

/** Events that say what a claim has become. */
export const claimEvents = ['ClaimSubmitted', 'ClaimAdjudicated', 'ClaimPaid', 'ClaimCancelled'] as const;
const known = new Set(['PolicyRegistered', ...claimEvents] as const);

/** Coverages and claims. */
export class ClaimBook implements Projection {
  readonly name = 'claims_book';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly coverages: Model<CoverageDocument>;
  readonly claims: Model<ClaimDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const places = placesOf(network, 'claims');
    this.channels = places.map(({ channel }) => channel);
    this.chaincodes = [...new Set(places.map(({ chaincode }) => chaincode))];
    this.coverages = readModelCollection(connection, `${this.name}_coverages`, [
      { beneficiary: 1, registeredAt: -1, _id: -1 },
    ]);
    this.claims = readModelCollection(connection, `${this.name}_claims`, [
      { patient: 1, createdAt: -1, _id: -1 },
      { provider: 1, createdAt: -1, _id: -1 },
      { insurer: 1, createdAt: -1, _id: -1 },
    ]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const coverages: CoverageDocument[] = [];
    const claimDocuments: ClaimDocument[] = [];
    for (const event of knownEvents(events, known)) {
      if (event.type === 'PolicyRegistered') coverages.push(documentOf(event.item, event.transaction));
      else claimDocuments.push(documentOf(event.item, event.transaction));
    }
    await Promise.all([replaceAll(this.coverages, coverages), replaceAll(this.claims, claimDocuments)]);
  }

  async clear(): Promise<void> {
    await Promise.all([this.coverages.deleteMany({}), this.claims.deleteMany({})]);
  }
}

/** A thing of a claims channel as it is kept. */
export function documentOf<Item extends { readonly id: string }>(
  item: Item,
  transaction: TransactionReference,
): Item & { readonly _id: string; readonly transaction: TransactionReference } {
  return { _id: channelGraphId(transaction.channel, item.id), ...item, transaction };
}
